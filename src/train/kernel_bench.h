// One kernel of the device room, ready to be called again and again at one shape.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "device/device.h"
#include "spec/precision.h"

namespace heliu::train {

// A kernel and shape to measure; names and sizes as in KernelTime (spec/record.h).
struct KernelShape {
  std::string kernel;
  Precision precision = Precision::fp32;
  int64_t m = 1, n = 1, k = 1;
};

// Shapes of models between 128 and 512 wide, micro-batches of 256 to 2048 tokens.
std::vector<KernelShape> kernel_shapes(const std::vector<Precision>& precisions);

// Device memory that all kernels work in, one after the other.
class KernelBench {
 public:
  explicit KernelBench(device::Device& device);

  // What to time. Operands are filled and valid; they may overlap between kernels.
  std::function<void()> prepare(const KernelShape& shape);

 private:
  device::Matrix operand(int64_t rows, int64_t columns, device::Type type);

  device::Device& device_;
  device::Memory arena_;
  size_t used_ = 0;
};

}  // namespace heliu::train
