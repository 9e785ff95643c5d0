#include "comm/sum.h"

#include <algorithm>

// One version for each width of the processor's vectors, chosen when the program starts. Not under
// a sanitizer: it is not ready yet when the choice is made.
#if defined(__x86_64__) && defined(__OPTIMIZE__) && !defined(__SANITIZE_THREAD__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
#define HELIU_EVERY_WIDTH __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define HELIU_EVERY_WIDTH
#endif

namespace heliu::comm {
namespace {

// Elements summed at a time, small enough for the first-level cache.
constexpr size_t block = 2048;

HELIU_EVERY_WIDTH void add(const float* a, const float* b, size_t count, float* sum) {
#pragma GCC ivdep
  for (size_t i = 0; i < count; ++i) sum[i] = a[i] + b[i];
}

HELIU_EVERY_WIDTH void add(const double* a, const double* b, size_t count, double* sum) {
#pragma GCC ivdep
  for (size_t i = 0; i < count; ++i) sum[i] = a[i] + b[i];
}

template <class T>
void sum_blocks(std::span<const T* const> inputs, size_t count, T* sum) {
  if (inputs.size() == 1) {
    std::copy_n(inputs[0], inputs[0] == sum ? 0 : count, sum);
    return;
  }
  // The running sum of more than two inputs lies apart, as `sum` may be an input still to be read.
  T running[block];
  for (size_t first = 0; first < count; first += block) {
    size_t length = std::min(block, count - first);
    const T* left = inputs[0] + first;
    for (size_t i = 1; i + 1 < inputs.size(); ++i, left = running)
      add(left, inputs[i] + first, length, running);
    add(left, inputs.back() + first, length, sum + first);
  }
}

}  // namespace

void sum_in_order(std::span<const float* const> inputs, size_t count, float* sum) {
  sum_blocks(inputs, count, sum);
}

void sum_in_order(std::span<const double* const> inputs, size_t count, double* sum) {
  sum_blocks(inputs, count, sum);
}

}  // namespace heliu::comm
