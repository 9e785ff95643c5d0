// What one rank holds of a model under a parallel plan, by counting.
#pragma once

#include <cstdint>
#include <vector>

#include "spec/model.h"
#include "spec/plan.h"

namespace heliu::cost {

// The head makes and uses its logits this many rows at a time, so that they never exist all at
// once.
constexpr int64_t logits_rows = 1024;

// One pipeline stage: consecutive blocks; the first stage embeds, the last one norms and has the
// head.
struct Stage {
  int64_t layers = 0;
  bool first = true;
  bool last = true;
};

// The blocks spread over `pp` stages as evenly as they go: stage i holds the blocks from
// layers * i / pp on, rounded down. Needs 1 <= pp <= layers.
std::vector<Stage> stages(const Model& model, int pp);

// The stage with the most multiply-adds per token: the one that the whole pipeline waits for.
Stage slowest_stage(const Model& model, int pp);

// Parameters in the arena of one rank of this stage. Tensor parallelism cuts the matrices of the
// blocks and the biases of their columns; norms, embeddings and biases of rows are whole everywhere
// (Shoeybi et al., arXiv 1909.08053, section 3). A last stage that is not the first holds a copy
// of the tied token embedding.
int64_t parameters(const Model& model, const Stage& stage, int tp);

}  // namespace heliu::cost
