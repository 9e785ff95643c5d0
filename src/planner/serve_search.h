// The search over ways to serve a model on the islands of a pool: tensor, pipeline and expert
// parallelism, precision of weights, replicas. Spaces are small (some hundred layouts an island),
// so every layout is forecast.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cost/inference.h"
#include "spec/plan.h"
#include "spec/pool.h"

namespace heliu::planner {

struct ServeOptions {
  size_t keep = 5;
  cost::ServingHabits habits;
};

// The smallest replica that holds the work on an island's chips, were there enough of them.
struct SmallestReplica {
  int devices = 0;
  std::string layout;  // "tp8 pp2 fp8"
};

struct ServeFindings {
  std::string place;
  std::optional<Plan> best;
  std::string why_not;  // where there is no plan
  std::optional<SmallestReplica> smallest;
  int layouts = 0, too_large = 0, too_slow = 0;
};

struct ServeSearch {
  std::vector<Plan> plans;             // best first, of all islands
  std::vector<ServeFindings> islands;  // in the pool's order
};

// Plans by the goal: the time in which all requests are answered, their cost or their energy. The
// number of replicas is the fewest that keep the deadline where the goal is cost or energy, and as
// many as the island and the requests allow where it is time; `parallel` may fix it (dp), and the
// degrees. `plans` is empty where nothing is feasible.
//
// bad_input: not a serving workload, a model without its make, a chip that is not in the catalog.
// not_found: the pool has no accelerators.
Result<ServeSearch> search_serving(const Pool& pool, const Workload& workload,
                                   const Catalog& catalog, const Calibration& calibration,
                                   const ServeOptions& options);

// "tp8 pp2 ep16 fp8, cache fp8, 4 replicas"
std::string serving_layout(const Plan& plan);

// Replicas of a plan, and its price per million tokens made, where the price is known.
int replicas_of(const Plan& plan);
std::optional<double> price_per_million(const Plan& plan);

// infeasible: why no island can, and how many devices would.
Error nothing_serves(const Pool& pool, const ServeSearch& found);

}  // namespace heliu::planner
