// The kernels for SSE2, which every x86-64 processor has.
#include "device/cpu/kernels.h"

namespace heliu::device::cpu {
namespace {

constexpr int lanes = 4;  // floats in a vector register
constexpr const char* isa = "baseline";

#include "kernels.inl"

}  // namespace

const Kernels& baseline_kernels() { return kernels; }

}  // namespace heliu::device::cpu
