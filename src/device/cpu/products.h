// Matrix products by oneDNN, with the primitives of all shapes met so far kept ready.
#pragma once

#include <memory>

#include "device/cpu/kernels.h"

namespace heliu::device::cpu {

class Products {
 public:
  Products(int threads, const Kernels& kernels);
  ~Products();

  void run(const Gemm& op);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace heliu::device::cpu
