// Operands for measuring kernels: parts of one piece of device memory, filled with valid numbers.
#pragma once

#include <cstdint>

#include "device/device.h"

namespace heliu::train {

class Operands {
 public:
  Operands(device::Device& device, size_t bytes);

  device::Device& device() const { return device_; }
  size_t bytes() const { return arena_.bytes(); }
  size_t used() const { return used_; }
  void start_again() { used_ = 0; }

  // The next part, on a page of its own; begins at the front again where the rest is too small.
  device::Matrix matrix(int64_t rows, int64_t columns, device::Type type);
  float* floats(int64_t count) { return matrix(1, count, device::Type::f32).as<float>(); }
  int32_t* ids(int64_t count, int64_t below);

 private:
  device::Device& device_;
  device::Memory arena_;
  size_t used_ = 0;
};

}  // namespace heliu::train
