// The model of a workload: what a transformer is made of, and what follows from that by counting.
#pragma once

#include <cstdint>
#include <string>

namespace heliu {

enum class ModelFamily { gpt };

struct Model {
  ModelFamily family = ModelFamily::gpt;
  int64_t layers = 0;
  int64_t hidden = 0;
  int64_t heads = 0;
  int64_t sequence = 0;
  int64_t feed_forward = 0;  // 0: four times hidden
  int64_t vocabulary = 0;    // 0: as many as the tokenizer finds in the data

  bool operator==(const Model&) const = default;
};

// feed_forward with its default worked out.
int64_t feed_forward_of(const Model& model);

// Parameters of the whole model: embeddings, blocks with biases and norms, final norm, tied head.
int64_t parameter_count(const Model& model);

// Floating-point operations of forward and backward for one token: 6 per weight of a matrix product
// and 12 layers hidden sequence for attention, halved by causality (Narayanan et al., arXiv
// 2104.04473, section 5.1, which counts the full square).
double training_operations_per_token(const Model& model);

}  // namespace heliu
