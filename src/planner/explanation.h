// Why a plan is as fast as it is: what its time goes into, what a better machine would do for it,
// and why it came before the next.
#pragma once

#include <string>
#include <vector>

#include "planner/cluster_search.h"

namespace heliu::planner {

// By how much the step gets shorter when one thing gets 10 % better.
struct Lever {
  std::string what;  // "matrix products", "scale-up link", "network", ...
  double gain = 0;   // share of the step
};

struct Explanation {
  std::vector<Lever> levers;  // the strongest first; without those that do nothing
  std::string binds;          // what the strongest means, in a sentence
  // The best plan with a quarter more device memory would be so much faster; 0: no other plan.
  double memory_gain = 0;
  std::string with_more_memory;  // its summary
};

// Of a plan that search_cluster made for this pool and workload. not_found: its island is gone.
Result<Explanation> explain(const Pool& pool, const Plan& plan, const Catalog& catalog,
                            const Calibration& calibration);

// Two plans side by side: where one's time goes and the other's does not, most first.
struct Difference {
  OperationClass kind = OperationClass::other;
  Seconds mine, theirs;
};
std::vector<Difference> differences(const Forecast& mine, const Forecast& theirs);

// One sentence on why `winner` comes before `next` (null: it is the only one).
std::string why_first(const Plan& winner, const Plan* next, Objective by);

}  // namespace heliu::planner
