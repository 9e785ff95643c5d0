// One island's part of a pipeline over two: what its stages take and hold, whichever layers they
// are given.
#pragma once

#include <vector>

#include "planner/mixed.h"

namespace heliu::planner {

// One stage for one micro-batch.
struct StageWork {
  cost::Pass forward, backward;
  double recompute = 0, loss = 0;                       // seconds
  double shared_parameters = 0, expert_parameters = 0;  // of one rank
  double total() const { return forward.total() + backward.total() + recompute + loss; }
};

// As far as it does not depend on the other island's.
struct Half {
  const Quest* quest = nullptr;
  const Setting* setting = nullptr;
  cost::Layout layout;  // its own stages only
  cost::Block block;
  int stages() const { return layout.parallel.pp; }
};

constexpr int most_stages = 64;

// Those with so many replicas, for each tensor-parallel degree.
std::vector<Half> halves(const Quest& quest, int dp, int64_t micro_batch, Recompute recompute);

// Stage `index` of `stages` with so many layers. The model's first layers may be dense ones: the
// first stage has them, as far as it has layers.
StageWork work_of(const Half& half, int64_t layers, int index, int stages);

// The same for the balance of layers, which wants it linear: exact where the first stage has room
// for all dense layers.
StageSpeed speed_of(const Half& half, int index, int stages);

// Seconds that the exchange of gradients adds to a step, and those of the optimizer, where replicas
// share its states (ZeRO-1): cost::Estimator's formulas.
double exchange_seconds(const Half& half, const StageWork& work);
double update_seconds(const Half& half, const StageWork& work);

}  // namespace heliu::planner
