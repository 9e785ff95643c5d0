#include "planner/score.h"

namespace heliu::planner {

bool dominates(const Score& a, const Score& b) {
  return a.time <= b.time && a.cost <= b.cost && a.energy <= b.energy && a != b;
}

double part(const Score& score, Objective objective) {
  switch (objective) {
    case Objective::cost:
      return score.cost;
    case Objective::energy:
      return score.energy;
    default:
      return score.time;
  }
}

Scoring::Scoring(const Workload& workload, const Center& center, const Island& island,
                 const cost::Machine& machine, int devices)
    : devices_(devices),
      steps_(double(std::max<int64_t>(1, steps_of(workload)))),
      price_(island.price.value_or(HourlyPrice{})),
      power_(cost::power_of(machine, center.pue)),
      goodput_(cost::goodput(island.failures, workload.model, machine.nodes)) {}

Score Scoring::score(double step, Joules energy) const {
  Seconds time = Seconds::of(steps_ * step / goodput_.share);
  Yuan cost = double(devices_) * price_ * time;
  return {time.base(), cost.base(), steps_ / goodput_.share * energy.base()};
}

Score Scoring::of(const cost::Estimate& estimate) const {
  return score(estimate.step, cost::step_energy(power_, estimate, devices_));
}

Score Scoring::at_least(double step, double computing) const {
  return score(step,
               cost::least_energy(power_, Seconds::of(step), Seconds::of(computing), devices_));
}

const char* broken_limit(const Goal& goal, const Score& score) {
  if (goal.deadline && score.time > goal.deadline->base()) return "later than the deadline";
  if (goal.budget && score.cost > goal.budget->base()) return "over the budget";
  if (goal.energy && score.energy > goal.energy->base()) return "more energy than allowed";
  return nullptr;
}

}  // namespace heliu::planner
