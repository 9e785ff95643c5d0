// The kernels for AVX-512 F, BW, CD, DQ, VL (x86-64-v4).
#include "device/cpu/kernels.h"

namespace heliu::device::cpu {
namespace {

constexpr int lanes = 16;  // floats in a vector register
constexpr const char* isa = "avx512";

#include "kernels.inl"

}  // namespace

const Kernels& avx512_kernels() { return kernels; }

}  // namespace heliu::device::cpu
