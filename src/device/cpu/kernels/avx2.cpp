// The kernels for AVX2 and FMA (x86-64-v3).
#include "device/cpu/kernels.h"

namespace heliu::device::cpu {
namespace {

constexpr int lanes = 8;  // floats in a vector register
constexpr const char* isa = "avx2";

#include "kernels.inl"

}  // namespace

const Kernels& avx2_kernels() { return kernels; }

}  // namespace heliu::device::cpu
