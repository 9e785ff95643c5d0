// Plans over several islands, of unlike chips or in unlike places: what each does in a step, and
// what crossing between them costs.
//
//   data      each island trains its share of the batch with its own best layout; gradients are
//             summed over all of them in every step
//   averaged  the same, but weights are averaged only once in `outer_steps` steps (local SGD; with
//             an outer optimizer DiLoCo, arXiv 2311.08105). It changes what is learned
//   pipeline  two islands hold the first and the last layers; activations cross between them
#pragma once

#include "planner/cluster_search.h"

namespace heliu::planner {

enum class MixedKind { data, averaged, pipeline };

struct MixedPlan {
  MixedKind kind = MixedKind::data;
  Plan plan;         // with shares
  Seconds crossing;  // of its step: what is spent between islands
  double gain = 0;   // speed over the best island alone, less one; negative: not worth it
};

// The best of each kind over the islands of the pool, fastest first, at most 8 islands together.
// Islands join in the order of their speed. Errors as search_cluster.
Result<std::vector<MixedPlan>> search_mixed(const Pool& pool, const Workload& workload,
                                            const Catalog& catalog, const Calibration& calibration,
                                            const ClusterOptions& options);

// Whole parts in proportion to `speeds`, each at least one, that sum to `total`.
std::vector<int64_t> shares_by_speed(const std::vector<double>& speeds, int64_t total);

// Layers for stages in a row so that the slowest is as fast as can be: a stage takes `fixed` and
// `layer` for each of its layers, at least one and at most `most`. Empty where they do not all fit.
struct StageSpeed {
  double fixed = 0, layer = 0;  // seconds
  int64_t most = 0;
};
std::vector<int64_t> balance_layers(const std::vector<StageSpeed>& stages, int64_t layers);

}  // namespace heliu::planner
