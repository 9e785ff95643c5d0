#include "planner/ranking.h"

#include <fmt/format.h>

#include <tuple>

namespace heliu::planner {
namespace {

double aim(const Plan& plan, Objective by) {
  if (by == Objective::cost && plan.forecast.cost) return plan.forecast.cost->base();
  if (by == Objective::energy && plan.forecast.energy) return plan.forecast.energy->base();
  return plan.forecast.total_time.base();
}

// Compared to seven digits: the order in which sums were formed must not decide.
auto order(const Plan& p, Objective by) {
  return std::tuple(float(aim(p, by)), float(p.forecast.step_time.base()), p.forecast.memory.base(),
                    ranks_of(p.parallel) * p.threads, p.parallel.tp, p.parallel.pp, p.parallel.dp,
                    p.threads, p.precision, p.micro_batch);
}

// Where the winner's step is shorter by most.
ClassTime largest_saving(const Forecast& winner, const Forecast& next) {
  ClassTime most;
  for (size_t i = 0; i < winner.breakdown.size() && i < next.breakdown.size(); ++i) {
    Seconds saved = next.breakdown[i].time - winner.breakdown[i].time;
    if (saved > most.time) most = {winner.breakdown[i].kind, saved};
  }
  return most;
}

std::string steps(const Forecast& winner, const Forecast& next) {
  return fmt::format("{} a step against {}", print(winner.step_time), print(next.step_time));
}

}  // namespace

Ranking ranking_for(const Goal& goal, const Island& island) {
  if (goal.minimize == Objective::cost && !island.price)
    return {Objective::time,
            fmt::format("cost is not known: island {} has no price; ranked by time", island.name)};
  if (goal.minimize == Objective::energy)
    return {Objective::time, "energy is not measurable here: no energy counter; ranked by time"};
  return {goal.minimize, ""};
}

bool better(const Plan& a, const Plan& b, Objective by) { return order(a, by) < order(b, by); }

std::string reason_for(const Plan& winner, const Plan* next, Objective by) {
  if (!next) return "the only plan that is possible";
  const Forecast &mine = winner.forecast, &theirs = next->forecast;
  std::string other = summary(*next);
  if (by == Objective::cost && mine.cost < theirs.cost)
    return fmt::format("costs {} against {} of {} ({})", print(*mine.cost), print(*theirs.cost),
                       other, steps(mine, theirs));
  if (mine.step_time < theirs.step_time) {
    ClassTime most = largest_saving(mine, theirs);
    return fmt::format("{:.1f} % less time than {}: {}, of it {} saved in {}",
                       100 * (1 - mine.step_time / theirs.step_time), other, steps(mine, theirs),
                       print(most.time), operation_class_names[size_t(most.kind)]);
  }
  return fmt::format("as good as {}, in {} of memory a rank against {}", other, print(mine.memory),
                     print(theirs.memory));
}

}  // namespace heliu::planner
