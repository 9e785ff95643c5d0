#include "nn/initialise.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/random.h"

namespace heliu::nn {
namespace {

// FNV-1a: a tensor's stream is known by its name, in whichever rank or order it is made.
uint64_t hash(std::string_view name) {
  uint64_t value = 0xCBF29CE484222325ull;
  for (unsigned char c : name) value = (value ^ c) * 0x100000001B3ull;
  return value;
}

double deviation(const std::string& name, int64_t layers) {
  bool into_residual = name.ends_with("projection.weight") || name.ends_with("contract.weight");
  return into_residual ? 0.02 / std::sqrt(2.0 * double(layers)) : 0.02;
}

}  // namespace

void initialise(const Parameter& parameter, const Share& share, int64_t layers, uint64_t seed,
                std::span<float> values) {
  if (!parameter.decays) {
    std::fill(values.begin(), values.end(), parameter.name.ends_with(".gain") ? 1.0f : 0.0f);
    return;
  }
  uint64_t stream = random_bits(seed, hash(parameter.name));
  double scale = deviation(parameter.name, layers);
  for (size_t i = 0; i < values.size(); ++i) {
    auto place = uint64_t(place_in_whole(parameter, share, int64_t(i)));
    values[i] = float(scale * random_normal(stream, place));
  }
}

}  // namespace heliu::nn
