#include "planner/search.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "cost/forecast.h"
#include "cost/memory.h"
#include "planner/limits.h"
#include "planner/ranking.h"
#include "planner/splits.h"

namespace heliu::planner {
namespace {

class Searcher {
 public:
  Searcher(const Island& island, const Workload& workload, const Coefficients& coefficients,
           size_t keep)
      : island_(island),
        workload_(workload),
        runtime_memory_(coefficients.runtime_memory),
        forecaster_(island, coefficients),
        ranking_(ranking_for(workload.goal, island)),
        limits_(workload.goal, island.node.memory),
        keep_(std::max<size_t>(keep, 2)) {}

  Result<Search> run(const std::string& place, const Abilities& abilities, size_t keep);

 private:
  bool visit(const Split& split, int64_t larger);
  bool fits_memory(int64_t larger);
  void keep_if_good();
  Error nothing_left() const;

  const Island& island_;
  const Workload& workload_;
  const Bytes runtime_memory_;
  cost::Forecaster forecaster_;
  Ranking ranking_;
  Limits limits_;
  const size_t keep_;

  Plan plan_;  // the one being looked at, without its workload
  std::vector<Plan> best_;
  int64_t feasible_ = 0;
  std::optional<Error> broken_;
  Rejections rejections_;
};

// A larger micro-batch never needs less, so the first that does not fit ends the row.
bool Searcher::fits_memory(int64_t larger) {
  Bytes rank = total(cost::memory(workload_.model, plan_, runtime_memory_));
  return limits_.memory(double(cost::seat(island_, plan_).ranks_per_node) * rank, 1 + larger);
}

void Searcher::keep_if_good() {
  ++feasible_;
  auto place =
      std::upper_bound(best_.begin(), best_.end(), plan_,
                       [&](const Plan& a, const Plan& b) { return better(a, b, ranking_.by); });
  if (size_t(place - best_.begin()) >= keep_) return;
  best_.insert(place, plan_);
  if (best_.size() > keep_) best_.pop_back();
}

bool Searcher::visit(const Split& split, int64_t larger) {
  if (broken_) return false;
  plan_.parallel = split.parallel;
  plan_.threads = split.threads;
  plan_.precision = split.precision;
  plan_.micro_batch = split.micro_batch;
  plan_.accumulation = split.accumulation;
  if (!fits_memory(larger)) return false;

  auto promise = forecaster_.forecast(workload_, plan_);
  if (!promise && promise.error().kind == Error::Kind::infeasible) {
    rejections_.add(promise.error().message);
    return true;
  }
  if (!promise) {
    broken_ = std::move(promise.error());
    return false;
  }
  plan_.forecast = std::move(*promise);
  if (limits_.goal(plan_.forecast)) keep_if_good();
  return true;
}

Error Searcher::nothing_left() const {
  if (auto limit = limits_.nothing_left()) return *limit;
  std::string reasons;
  for (const Rejection& one : rejections_.list())
    reasons += (reasons.empty() ? "" : "; ") + one.reason;
  return fail(Error::Kind::infeasible,
              fmt::format("no plan is possible on island {}", island_.name))
      .value()
      .hinting(reasons);
}

Result<Search> Searcher::run(const std::string& place, const Abilities& abilities, size_t keep) {
  plan_.place = place;
  plan_.backend = abilities.backends.front();
  each_split(island_, workload_, abilities, rejections_,
             [&](const Split& split, int64_t larger) { return visit(split, larger); });
  if (broken_) return fail(std::move(*broken_));
  if (best_.empty()) return fail(nothing_left());

  Search found;
  found.feasible = feasible_;
  found.note = ranking_.note;
  found.rejected = rejections_.list();
  for (Rejection& one : limits_.list()) found.rejected.push_back(std::move(one));
  best_.front().reason =
      reason_for(best_.front(), best_.size() > 1 ? &best_[1] : nullptr, ranking_.by);
  if (best_.size() > keep) best_.resize(std::max<size_t>(keep, 1));
  for (Plan& plan : best_) plan.workload = workload_;
  found.plans = std::move(best_);
  return found;
}

}  // namespace

Result<Search> search(const Pool& pool, const std::string& place, const Workload& workload,
                      const Coefficients& coefficients, const Abilities& abilities, size_t keep) {
  const Island* island = find_island(pool, place);
  if (!island)
    return fail(Error::Kind::not_found,
                fmt::format("the pool {} has no island {}", pool.name, place));
  if (workload.kind != WorkloadKind::train)
    return fail(Error::Kind::bad_input, "only training is planned; a bench runs on every layout");
  if (workload.train.global_batch < 1 || workload.model.layers < 1 || workload.model.heads < 1)
    return fail(Error::Kind::bad_input,
                "planning needs model.layers, model.heads and train.global_batch");
  HELIU_CHECK(!abilities.backends.empty());
  return Searcher(*island, workload, coefficients, keep).run(place, abilities, keep);
}

}  // namespace heliu::planner
