// What would make an infeasible request feasible: the nearest change of each kind, found by
// searching again, the cheapest kinds of change first.
#pragma once

#include "planner/cluster_search.h"

namespace heliu::planner {

struct Relaxation {
  std::string change;  // "deadline 41 h instead of 36 h"
  Plan plan;           // the best one then
};

// For a workload for which search_cluster found no plan: a limit of the goal moved, a wish
// dropped, a shorter sequence, another batch, or more nodes on the islands there are.
std::vector<Relaxation> relaxations(const Pool& pool, const Workload& workload,
                                    const Catalog& catalog, const Calibration& calibration,
                                    const ClusterOptions& options);

}  // namespace heliu::planner
