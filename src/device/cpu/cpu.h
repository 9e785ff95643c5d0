// The host processor: matrix products by oneDNN, everything else by vectorised kernels of our own,
// all of it over `threads` OpenMP threads.
#pragma once

#include <memory>

#include "device/cpu/kernels.h"
#include "device/device.h"

namespace heliu::device::cpu {

// With the best kernels of host_kernels().
std::unique_ptr<Device> open(int threads);

// With these kernels, for tests that compare instruction sets.
std::unique_ptr<Device> open(int threads, const Kernels& kernels);

}  // namespace heliu::device::cpu
