// The search over all islands of a pool: every layout of docs/decisions/0007-exhaustive-search.md,
// the best of them, and the front of time, money and energy. Deterministic on any number of
// threads.
//
// It plans accelerators of the catalog; planner/search.h plans hosts whose kernels were measured.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "planner/plan_writer.h"
#include "spec/calibration.h"
#include "spec/catalog.h"

namespace heliu::planner {

struct ClusterOptions {
  std::string framework = "nemo";
  size_t keep = 5;  // plans of each island, and of the pool; at most one of each kind and island
  int threads = 0;  // 0: one for each core
};

struct IslandFindings {
  std::string place;
  std::optional<Plan> best;
  std::string why_not;  // where there is no plan
  Counts counts;
  std::vector<Rejection> rejected;
};

struct ClusterSearch {
  std::vector<Plan> plans;  // best first, of all islands; see are_of_a_kind
  // Not beaten in time, money and energy at once, in order of time. Each saves at least 0.5 % of
  // one of them over each before it.
  std::vector<Plan> front;
  std::vector<IslandFindings> islands;  // in the pool's order
  Counts counts;
};

// `plans` is empty where nothing is feasible: planner/relaxation.h says what would help.
// bad_input: not a training workload, or one without vocabulary, batch or steps; a chip that is
// not in the catalog. not_found: the pool has no accelerators.
Result<ClusterSearch> search_cluster(const Pool& pool, const Workload& workload,
                                     const Catalog& catalog, const Calibration& calibration,
                                     const ClusterOptions& options);

// One island of it, for those who look closer: null quest where it cannot be searched.
struct Venue {
  Site site;
  std::optional<Quest> quest;
  std::string why_not;
};
Result<Venue> venue_of(const Center& center, const Island& island, const Workload& workload,
                       const Catalog& catalog, const Calibration& calibration,
                       const ClusterOptions& options);
Result<Venue> venue_of(const Pool& pool, const std::string& place, const Workload& workload,
                       const Catalog& catalog, const Calibration& calibration,
                       const ClusterOptions& options);

// Whether a cluster search can speak of an island: it has accelerators.
bool is_cluster(const Island& island);

}  // namespace heliu::planner
