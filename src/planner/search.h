// The search over parallel plans for one island: which are possible, and which is best.
//
// Enumerates tensor-, pipeline- and data-parallel degrees, threads, precisions and micro-batches,
// cheapest tests first: a degree that cannot divide the model takes everything below it along. Each
// plan that passes is forecast; what remains is ranked by the workload's goal. The global batch is
// what the workload says in every plan, so that all train the same thing. Deterministic.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "spec/coefficients.h"
#include "spec/plan.h"
#include "spec/pool.h"
#include "spec/workload.h"

namespace heliu::planner {

// What the program can execute today.
struct Abilities {
  int max_tp = 1;
  int max_pp = 1;
  int max_nodes = 1;
  std::vector<Precision> precisions = {Precision::fp32, Precision::bf16};
  std::vector<std::string> backends = {"cpu"};  // the best one first
};

// Why plans were left out, and how many: one for each branch of the search that was cut.
struct Rejection {
  std::string reason;
  int64_t count = 0;
};

struct Search {
  std::vector<Plan> plans;          // best first; only the best has a reason
  std::vector<Rejection> rejected;  // in the order of the search
  int64_t feasible = 0;             // of which `plans` are the best few
  std::string note;                 // what to know about the ranking, or empty
};

// The best `keep` plans for `workload` (its vocabulary filled in) on "center/island".
// not_found: no such island; infeasible: no plan holds the work or its goal, with what would do in
// the hint; environment: the island was never measured.
Result<Search> search(const Pool& pool, const std::string& island, const Workload& workload,
                      const Coefficients& coefficients, const Abilities& abilities,
                      size_t keep = 8);

}  // namespace heliu::planner
