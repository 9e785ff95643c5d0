// Which instruction sets may be used: what the processor has, masked by the environment variable
// HELIU_CPU_ISA (baseline, avx2 or avx512), under which a large machine tests a small one's path.
#pragma once

#include <vector>

#include "device/cpu/kernels.h"

namespace heliu::device::cpu {

// Kernels that this processor can run, best first. Throws DeviceError when HELIU_CPU_ISA names no
// instruction set.
std::vector<const Kernels*> host_kernels();

// Prepares oneDNN, once per process and before its first use: asks the kernel for AMX tile state
// where it may be used, and caps oneDNN at HELIU_CPU_ISA.
void prepare_onednn();

}  // namespace heliu::device::cpu
