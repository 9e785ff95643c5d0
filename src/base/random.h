// Random numbers by counter: element `index` of stream `seed` is a pure function of both, so any
// rank can make any slice of a weight matrix, and the slices agree with the whole.
#pragma once

#include <cmath>
#include <cstdint>

namespace heliu {

// SplitMix64's finaliser (Steele, Lea, Flood, OOPSLA 2014, figure 15) over seed and index.
constexpr uint64_t random_bits(uint64_t seed, uint64_t index) {
  uint64_t z = seed * 0xD1342543DE82EF95ull + (index + 1) * 0x9E3779B97F4A7C15ull;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

// Uniform in [0, 1).
constexpr double random_uniform(uint64_t seed, uint64_t index) {
  return double(random_bits(seed, index) >> 11) * 0x1p-53;
}

// Normal with mean 0 and deviation 1 (Box-Muller, the cosine half).
inline double random_normal(uint64_t seed, uint64_t index) {
  double radius = std::sqrt(-2 * std::log(1 - random_uniform(seed, 2 * index)));
  return radius * std::cos(6.283185307179586 * random_uniform(seed, 2 * index + 1));
}

}  // namespace heliu
