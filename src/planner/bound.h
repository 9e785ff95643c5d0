// What a layout's step takes at least, from its block alone: the pipeline with everything that runs
// inside a stage and what straggling adds, but no traffic between stages and replicas, and no
// optimizer. A search drops what cannot win before it estimates it.
#pragma once

#include "cost/estimate.h"

namespace heliu::planner {

struct Bound {
  double step = 0;       // seconds; never above cost::Estimator::estimate's
  double computing = 0;  // of it, seconds of products, attention and elementwise work at least
};

Bound at_least(const Model& model, const cost::Layout& layout, const cost::Block& block,
               const cost::Habits& habits, const cost::Machine& machine);

// Seconds of one micro-batch, forward and backward, in one stage.
double stage_seconds(const Model& model, const cost::Layout& layout, const cost::Block& block,
                     const cost::Habits& habits, int stage);

}  // namespace heliu::planner
