// Levers are finite differences: the same layout forecast again on a machine that is 10 % better in
// one thing. Device memory makes no layout faster, only other layouts possible: for it the island
// is searched again.
#include "planner/explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace heliu::planner {
namespace {

constexpr double better_by = 1.1, more_memory = 1.25, least_shown = 1e-4;

struct Change {
  const char* what;
  void (*apply)(cost::Machine&, cost::Habits&);
};

const Change changes[] = {
    {"matrix products",
     [](cost::Machine& m, cost::Habits&) {
       for (double& rate : m.matmul) rate *= better_by;
     }},
    {"attention", [](cost::Machine& m, cost::Habits&) { m.attention *= better_by; }},
    {"memory bandwidth", [](cost::Machine& m, cost::Habits&) { m.bandwidth *= better_by; }},
    {"scale-up link", [](cost::Machine& m, cost::Habits&) { m.link *= better_by; }},
    {"network", [](cost::Machine& m, cost::Habits&) { m.network *= better_by; }},
    {"latency",
     [](cost::Machine& m, cost::Habits&) {
       m.link_latency /= better_by;
       m.network_latency /= better_by;
     }},
    {"host code",
     [](cost::Machine&, cost::Habits& h) {
       h.rates.layer_s /= better_by;
       h.rates.expert_layer_s /= better_by;
       h.rates.step_s /= better_by;
     }},
    {"host link", [](cost::Machine& m, cost::Habits&) { m.host_link *= better_by; }},
};

double share(const Forecast& f, OperationClass kind) {
  for (const ClassTime& one : f.breakdown)
    if (one.kind == kind) return one.time / f.step_time;
  return 0;
}

// The communication class that takes most, as its dimension.
std::string busiest_dimension(const Forecast& f) {
  using enum OperationClass;
  std::pair<OperationClass, const char*> all[] = {
      {tensor_communication, "tensor-parallel exchange"},
      {data_communication, "gradient exchange"},
      {expert_communication, "exchange between experts"},
      {context_communication, "exchange of keys and values"},
      {pipeline_communication, "sends between stages"}};
  auto most = std::max_element(std::begin(all), std::end(all), [&](auto& a, auto& b) {
    return share(f, a.first) < share(f, b.first);
  });
  return fmt::format("{}, {:.1f} % of the step", most->second, 100 * share(f, most->first));
}

std::string sentence(const Lever& lever, const Forecast& f) {
  if (lever.what == "bubble")
    return fmt::format("the pipeline's bubble: {:.1f} % of the step",
                       100 * share(f, OperationClass::bubble));
  std::string text =
      fmt::format("{}: 10 % more of it takes {:.1f} % off the step", lever.what, 100 * lever.gain);
  if (lever.what == "network" || lever.what == "scale-up link" || lever.what == "latency")
    text += fmt::format(" ({})", busiest_dimension(f));
  return text;
}

Candidate candidate_of(const Plan& plan) {
  return {layout_of(plan), ranks_of(plan.parallel), plan.forecast.step_time.base(), {}};
}

void look_at_memory(const Quest& quest, const Plan& plan, Explanation& out) {
  Quest roomy = quest;
  roomy.keep = 1;
  roomy.settings.clear();
  for (const Setting& one : quest.settings) {
    cost::Machine machine = one.machine;
    machine.memory *= more_memory;
    roomy.settings.push_back(
        {machine, cost::Estimator(quest.task, machine, quest.habits), one.scoring});
  }
  Findings found = explore(roomy);
  if (found.list.best().empty()) return;
  const Candidate& best = found.list.best().front();
  Candidate now = candidate_of(plan);
  if (best.step >= now.step * (1 - least_shown)) return;
  out.memory_gain = 1 - best.step / now.step;
  Plan other;
  other.parallel = best.layout.parallel;
  other.micro_batch = best.layout.micro_batch;
  other.accumulation = best.layout.micro_batches;
  other.precision = best.layout.precision;
  out.with_more_memory = summary(other);
}

}  // namespace

Result<Explanation> explain(const Pool& pool, const Plan& plan, const Catalog& catalog,
                            const Calibration& calibration) {
  Workload asked = plan.workload;
  asked.parallel.devices = ranks_of(plan.parallel);
  auto venue = venue_of(pool, plan.place, asked, catalog, calibration, {plan.framework, 1, 0});
  if (!venue) return tl::unexpected(std::move(venue.error()));
  if (!venue->quest) return fail(Error::Kind::infeasible, plan.place + ": " + venue->why_not);
  const Quest& quest = *venue->quest;
  if (quest.space.devices.empty())
    return fail(Error::Kind::infeasible, plan.place + ": it has fewer devices than the plan uses");

  Explanation out;
  const cost::Machine& machine = quest.settings.front().machine;
  cost::Layout layout = layout_of(plan);
  double now = cost::Estimator(quest.task, machine, quest.habits).estimate(layout).step;
  for (const Change& change : changes) {
    cost::Machine other = machine;
    cost::Habits habits = quest.habits;
    change.apply(other, habits);
    double then = cost::Estimator(quest.task, other, habits).estimate(layout).step;
    if (1 - then / now > least_shown) out.levers.push_back({change.what, 1 - then / now});
  }
  double bubble = share(plan.forecast, OperationClass::bubble) * (1 - 1 / better_by);
  if (bubble > least_shown) out.levers.push_back({"bubble", bubble});
  std::stable_sort(out.levers.begin(), out.levers.end(),
                   [](const Lever& a, const Lever& b) { return a.gain > b.gain; });
  if (!out.levers.empty()) out.binds = sentence(out.levers.front(), plan.forecast);
  look_at_memory(quest, plan, out);
  return out;
}

std::vector<Difference> differences(const Forecast& mine, const Forecast& theirs) {
  std::vector<Difference> all;
  for (size_t i = 0; i < operation_class_count; ++i) {
    auto kind = OperationClass(i);
    Difference one{kind, share(mine, kind) * mine.step_time,
                   share(theirs, kind) * theirs.step_time};
    if (one.mine > Seconds{} || one.theirs > Seconds{}) all.push_back(one);
  }
  std::stable_sort(all.begin(), all.end(), [](const Difference& a, const Difference& b) {
    return std::abs((a.theirs - a.mine).base()) > std::abs((b.theirs - b.mine).base());
  });
  return all;
}

std::string why_first(const Plan& winner, const Plan* next, Objective by) {
  if (!next) return "the only plan that is possible";
  const Forecast &mine = winner.forecast, &theirs = next->forecast;
  std::string text;
  if (by == Objective::cost && mine.cost && theirs.cost)
    text = fmt::format("costs {} against {}", print(*mine.cost), print(*theirs.cost));
  else if (by == Objective::energy && mine.energy && theirs.energy)
    text = fmt::format("needs {} against {}", print(*mine.energy), print(*theirs.energy));
  else
    text = fmt::format("{:.2f} % less time: {} against {}",
                       100 * (1 - mine.total_time / theirs.total_time), print(mine.total_time),
                       print(theirs.total_time));
  for (const Difference& one : differences(mine, theirs))
    if (one.theirs > one.mine)
      return text + fmt::format("; most of it {}: {} a step against {}",
                                operation_class_names[size_t(one.kind)], print(one.mine),
                                print(one.theirs));
  return text;
}

}  // namespace heliu::planner
