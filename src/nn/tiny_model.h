// What the tests of this room share: models small enough for plain loops, and batches for them.
#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "nn/gpt.h"

namespace heliu::nn {

// No two numbers alike, so that no two can be mistaken for each other.
inline constexpr Shape tiny{
    .layers = 2, .hidden = 8, .heads = 2, .feed_forward = 20, .sequence = 6, .vocabulary = 11};

inline constexpr Shape small{
    .layers = 2, .hidden = 64, .heads = 4, .feed_forward = 256, .sequence = 32, .vocabulary = 120};

struct Batch {
  std::vector<int32_t> ids, targets;
};

// Each target is the id that follows.
inline Batch random_batch(const Shape& shape, int64_t sequences, uint64_t seed) {
  Batch batch;
  auto id = [&](int64_t i) {
    return int32_t(random_bits(seed, uint64_t(i)) % uint64_t(shape.vocabulary));
  };
  for (int64_t i = 0; i < sequences * shape.sequence; ++i) {
    batch.ids.push_back(id(i));
    batch.targets.push_back(id(i + 1));
  }
  return batch;
}

inline std::vector<float> to_host(device::Device& device, const float* from, int64_t count) {
  std::vector<float> values(static_cast<size_t>(count));
  device.download(values.data(), from, values.size() * sizeof(float));
  device.wait();
  return values;
}

inline void to_device(device::Device& device, float* to, const std::vector<float>& values) {
  device.upload(to, values.data(), values.size() * sizeof(float));
  device.wait();
}

inline std::vector<float> gradients_of(device::Device& device, const Gpt& model) {
  return to_host(device, model.gradients(), model.parameter_count());
}

inline double train(Gpt& model, const Batch& batch, int64_t sequences, float scale = 1) {
  return model.train(batch.ids.data(), batch.targets.data(), sequences, scale);
}

// |a - b| / |b|, Euclidean.
inline double relative_distance(const float* a, const float* b, int64_t count) {
  double difference = 0, norm = 0;
  for (int64_t i = 0; i < count; ++i) {
    difference += (double(a[i]) - b[i]) * (double(a[i]) - b[i]);
    norm += double(b[i]) * b[i];
  }
  return std::sqrt(difference / norm);
}

}  // namespace heliu::nn
