// What the processor can do at best, measured: the yardsticks of device_ops.cpp.
#pragma once

#include <cstdint>

namespace heliu::bench {

double now();  // seconds

// Operations per second of independent fused multiply-adds that stay in registers, all threads
// together; bf16 counts the pairwise dot product instruction, and is 0 where there is none.
double f32_peak(int threads);
double bf16_peak(int threads);

// Bytes per second of a[i] = b[i] + s * c[i] over `bytes` in all three arrays together.
double triad(int64_t bytes, int threads);

}  // namespace heliu::bench
