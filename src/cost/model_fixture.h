// Public models, by their published configurations; for tests and benchmarks only.
#pragma once

#include "spec/model.h"

namespace heliu::fixture {

inline Model gpt3() {
  return {.family = ModelFamily::gpt,
          .layers = 96,
          .hidden = 12288,
          .heads = 96,
          .sequence = 2048,
          .feed_forward = 49152,
          .vocabulary = 51200};
}

inline Model llama_8b() {
  return {.family = ModelFamily::llama,
          .layers = 32,
          .hidden = 4096,
          .heads = 32,
          .kv_heads = 8,
          .sequence = 8192,
          .feed_forward = 14336,
          .vocabulary = 128256};
}

// Llama 2.
inline Model llama_70b() {
  return {.family = ModelFamily::llama,
          .layers = 80,
          .hidden = 8192,
          .heads = 64,
          .kv_heads = 8,
          .sequence = 4096,
          .feed_forward = 28672,
          .vocabulary = 32000};
}

// Without its layer of multi-token prediction.
inline Model deepseek_v3() {
  return {
      .family = ModelFamily::deepseek,
      .layers = 61,
      .hidden = 7168,
      .heads = 128,
      .sequence = 4096,
      .feed_forward = 18432,
      .vocabulary = 129280,
      .experts = {.count = 256, .active = 8, .shared = 1, .feed_forward = 2048, .dense_layers = 3},
      .latent = {.query_rank = 1536, .kv_rank = 512}};
}

}  // namespace heliu::fixture
