// The parameters as the layers see them: views into one rank's arena, its gradients and its copies.
#pragma once

#include <vector>

#include "nn/parameters.h"

namespace heliu::nn {

// Elements [first, first + count) of the arena.
struct Range {
  int64_t first = 0, count = 0;
};

struct Norm {
  const float* gain = nullptr;
  const float* bias = nullptr;
  float* gain_gradient = nullptr;
  float* bias_gradient = nullptr;
};

// y = x weight + bias, the weight in the compute type, of inputs x outputs.
struct Linear {
  device::Matrix weight;
  device::Matrix weight_gradient;  // f32
  const float* bias = nullptr;
  float* bias_gradient = nullptr;
};

struct Block {
  Norm attention_norm;
  Linear qkv, projection;
  Range attention;  // all of the above in the arena
  Norm feed_forward_norm;
  Linear expand, contract;
  Range feed_forward;
};

// The look-up reads the f32 tokens, the head their compute-type copy.
struct EmbeddingTable {
  device::Matrix tokens, positions;
  device::Matrix tokens_gradient, positions_gradient;
  Range range;
};

struct Head {
  Norm norm;
  device::Matrix tokens;           // vocabulary x hidden, compute type
  device::Matrix tokens_gradient;  // f32; with one stage the embedding's own
  Range range;                     // without the embedding's
};

struct Weights {
  EmbeddingTable embedding;
  std::vector<Block> blocks;
  Head head;
};

// One rank's memory: `values` and `gradients` in f32, `copies` in bf16 or null for computing in
// f32.
struct Arena {
  float* values = nullptr;
  float* gradients = nullptr;
  void* copies = nullptr;
};

// `parameters` must come from parameters_of(..., share).
Weights weights_of(const std::vector<Parameter>& parameters, const Share& share,
                   const Arena& arena);

}  // namespace heliu::nn
