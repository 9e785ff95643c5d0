#include "device_limits.h"

#include <algorithm>
#include <chrono>
#include <vector>

#ifdef __AVX512BF16__
#include <immintrin.h>
#endif

namespace heliu::bench {
namespace {

typedef float Vector __attribute__((vector_size(64)));

// The best of a few repetitions, each on all threads.
template <class Work>
double best_seconds(int threads, Work work) {
  double best = 1e9;
  for (int repetition = 0; repetition < 5; ++repetition) {
    double begin = now();
#pragma omp parallel num_threads(threads)
    work();
    best = std::min(best, now() - begin);
  }
  return best;
}

constexpr int chains = 12;  // enough to cover the latency of two units
constexpr int64_t steps = 4'000'000;

}  // namespace

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double f32_peak(int threads) {
  double seconds = best_seconds(threads, [] {
    Vector sum[chains], factor = Vector{} + 0.999f;
    // Chains that began alike would be computed once for all.
    for (int c = 0; c < chains; ++c) sum[c] = Vector{} + float(c);
    for (int64_t i = 0; i < steps; ++i) {
      for (Vector& s : sum) s = s * factor + factor;
      asm volatile("" : "+v"(factor));
    }
    for (Vector& s : sum) asm volatile("" ::"v"(s));
  });
  return double(steps) * chains * 32 * threads / seconds;
}

double bf16_peak([[maybe_unused]] int threads) {
#ifdef __AVX512BF16__
  double seconds = best_seconds(threads, [] {
    __m512 sum[chains];
    for (int c = 0; c < chains; ++c) sum[c] = _mm512_set1_ps(float(c));
    __m512bh factor = (__m512bh)_mm512_set1_epi32(0x3f003f00);
    for (int64_t i = 0; i < steps; ++i) {
      for (__m512& s : sum) s = _mm512_dpbf16_ps(s, factor, factor);
      asm volatile("" : "+v"(factor));
    }
    for (__m512& s : sum) asm volatile("" ::"v"(s));
  });
  return double(steps) * chains * 64 * threads / seconds;
#else
  return 0;
#endif
}

double triad(int64_t bytes, int threads) {
  int64_t count = bytes / 12;
  std::vector<float> a(size_t(count), 0), b(size_t(count), 1), c(size_t(count), 2);
  int64_t rounds = std::max<int64_t>(1, 100'000'000 / bytes);
  double best = 1e9;
  for (int repetition = 0; repetition < 4; ++repetition) {
    double begin = now();
    for (int64_t round = 0; round < rounds; ++round) {
      float factor = float(round);
#pragma omp parallel for simd num_threads(threads) schedule(static)
      for (int64_t i = 0; i < count; ++i) a[size_t(i)] = b[size_t(i)] + factor * c[size_t(i)];
    }
    best = std::min(best, now() - begin);
  }
  return double(12 * count * rounds) / best;
}

}  // namespace heliu::bench
