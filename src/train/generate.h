// Text from a trained model, one character after the other.
#pragma once

#include <cstdint>
#include <string>

#include "nn/gpt.h"
#include "train/text.h"

namespace heliu::train {

struct Sampling {
  double temperature = 0.8;
  int64_t best = 40;  // only the most likely ones are drawn from
  uint64_t seed = 1;
};

// `characters` of them, after a line end. The same seed draws the same text; tensor-parallel ranks
// call it together.
std::string generate(nn::Gpt& model, const Vocabulary& vocabulary, int64_t sequence,
                     int64_t characters, const Sampling& sampling);

// The place that `uniform` in [0, 1) falls on among the `best` largest, weighted by
// exp(logit / temperature).
int32_t draw(const std::vector<float>& logits, const Sampling& sampling, double uniform);

}  // namespace heliu::train
