// The tensors of a GPT, in the order of the forward pass, and the part of each that a rank holds.
//
// A linear layer is y = x W + b with W of inputs x outputs. Column parallel: a rank holds some of
// W's columns (whole heads of each of q, k and v; some feed-forward columns). Row parallel: some
// of its rows. Norms, embeddings and the biases of row-parallel layers are held by every rank.
#pragma once

#include <cstdint>
#include <vector>

#include "nn/gpt.h"

namespace heliu::nn {

// Throws std::invalid_argument when the shape is no model or cannot be shared out so.
void require_divisible(const Shape& shape, const Share& share);

// The layers [first, last) of a stage; stages differ by one layer at most.
struct Layers {
  int64_t first, last;
  int64_t count() const { return last - first; }
};
Layers layers_of(const Shape& shape, const Share& share);

bool embeds(const Share& share);    // the first stage
bool has_head(const Share& share);  // the last stage

// This rank's tensors. Where the head stands apart from the embedding (stages > 1), the last stage
// holds a second "embedding.tokens", the same at the start.
std::vector<Parameter> parameters_of(const Shape& shape, const Share& share);

// The rows and columns of this rank's part.
struct Extent {
  int64_t rows, columns;
};
Extent part_of(const Parameter& parameter, const Share& share);

// Where element `index` of this rank's part stands in the whole tensor.
int64_t place_in_whole(const Parameter& parameter, const Share& share, int64_t index);

}  // namespace heliu::nn
