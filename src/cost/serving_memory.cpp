#include "cost/serving_memory.h"

#include <algorithm>
#include <cmath>

namespace heliu::cost {
namespace {

// Numbers of one token in one layer's cache.
double cached_numbers(const Model& m) {
  if (m.latent.kv_rank) return double(m.latent.kv_rank + m.latent.rope_head);
  return 2 * double(kv_heads_of(m)) * double(head_size_of(m));
}

double windowed_layers(const Model& m) {
  return m.window > 0 ? double(m.layers) / double(std::max<int64_t>(1, m.window_every)) : 0;
}

}  // namespace

double stored_bytes(Precision precision) {
  switch (precision) {
    case Precision::fp32:
    case Precision::tf32:
      return 4;
    case Precision::fp8:
      return 1;
    case Precision::mxfp8:
      return 1 + 1.0 / 32;
    case Precision::nvfp4:
      return 0.5 + 1.0 / 16;
    default:
      return 2;
  }
}

double cache_bytes_per_token(const Model& m, Precision cache) {
  return double(m.layers) * cached_numbers(m) * stored_bytes(cache);
}

double cache_bytes(const Model& m, Precision cache, double context) {
  double windowed = windowed_layers(m), kept = std::min(context, double(m.window));
  return ((double(m.layers) - windowed) * context + windowed * kept) * cached_numbers(m) *
         stored_bytes(cache);
}

double cache_share(const Model& m, const ServingLayout& layout) {
  if (m.latent.kv_rank) return 1;
  double heads = double(kv_heads_of(m));
  return std::max(1.0, std::ceil(heads / layout.tp)) / heads;
}

int64_t layers_of_stage(const Model& m, const ServingLayout& layout) {
  return (m.layers + layout.pp - 1) / layout.pp;
}

double weight_bytes(const Model& m, const ServingLayout& layout) {
  double layers = double(layers_of_stage(m, layout));
  double mixtures =
      m.experts.count ? std::min(layers, double(m.layers - m.experts.dense_layers)) : 0;
  double routed = double(m.experts.count) * double(one_expert_parameters(m));
  double shared = double(m.experts.shared) * double(one_expert_parameters(m));
  double numbers = layers * double(attention_parameters(m)) / layout.tp +
                   (layers - mixtures) * double(dense_feed_forward_parameters(m)) / layout.tp +
                   mixtures * (routed / stage_devices(layout) + shared / layout.tp);
  double router = mixtures * double(m.experts.count) * double(m.hidden);
  double tables = double(m.vocabulary) * double(m.hidden) / layout.tp;
  if (layout.pp == 1 && !is_tied(m)) tables *= 2;
  return stored_bytes(layout.weights) * numbers + 2 * (router + tables);
}

}  // namespace heliu::cost
