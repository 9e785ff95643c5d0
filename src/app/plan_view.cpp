#include "app/plan_view.h"

#include <fmt/format.h>

#include "app/narration.h"
#include "app/table.h"

namespace heliu::app {
namespace {

constexpr size_t levers_shown = 4;
constexpr double share_shown = 0.002;  // of a step: smaller parts are left out of tables

std::string money(const std::optional<Yuan>& cost) {
  return cost ? fmt::format("{:.0f}", cost->base()) : "";
}

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string levers(const Session& session, const planner::Explanation& why) {
  std::string text;
  for (size_t i = 0; i < why.levers.size() && i < levers_shown; ++i) {
    const planner::Lever& lever = why.levers[i];
    if (lever.what == "bubble") continue;
    text += "    " + session.text(Say::lever, lever.what, 100 * lever.gain) + "\n";
  }
  return text;
}

std::string memory_line(const Session& session, const planner::Explanation& why) {
  return "  " +
         (why.memory_gain > 0
              ? session.text(Say::more_memory, 100 * why.memory_gain, why.with_more_memory)
              : session.text(Say::enough_memory)) +
         "\n";
}

double worse(const Plan& first, const Plan& next, Objective by) {
  const Forecast &a = first.forecast, &b = next.forecast;
  if (by == Objective::cost && a.cost && b.cost) return *b.cost / *a.cost - 1;
  if (by == Objective::energy && a.energy && b.energy) return *b.energy / *a.energy - 1;
  return b.total_time / a.total_time - 1;
}

std::string breakdown(const Session& session, const Forecast& f) {
  Table table({session.text(Say::column_class), session.text(Say::column_step),
               session.text(Say::column_share)});
  for (const ClassTime& one : f.breakdown)
    if (one.time / f.step_time >= share_shown)
      table.row({std::string(operation_class_names[size_t(one.kind)]), print(one.time),
                 percent(one.time / f.step_time)});
  return table.print();
}

std::string memory_parts(const Forecast& f) {
  const MemoryParts& m = f.memory_parts;
  return fmt::format(
      "weights {}, gradients {}, optimizer {}, activations {}, buffers {}, runtime {}",
      print(m.weights), print(m.gradients), print(m.optimizer), print(m.activations),
      print(m.buffers), print(m.runtime));
}

std::string kind_of(const Session& session, const planner::MixedPlan& one) {
  switch (one.kind) {
    case planner::MixedKind::averaged:
      return session.text(Say::mixed_averaged, one.plan.outer_steps);
    case planner::MixedKind::pipeline:
      return session.text(Say::mixed_pipeline);
    default:
      return session.text(Say::mixed_data);
  }
}

std::string share_line(const Plan& plan, const Share& share) {
  Plan part;
  part.parallel = share.parallel;
  part.micro_batch = share.micro_batch;
  part.accumulation = share.accumulation;
  part.precision = plan.precision;
  return fmt::format("{}: {} devices, batch {}, layers {}: {}", share.place, share.devices,
                     share.global_batch, share.layers, summary(part));
}

// What rounds to nothing has no sign.
std::string change(double share) {
  std::string text = fmt::format("{:+.1f} %", 100 * share);
  return text == "-0.0 %" || text == "+0.0 %" ? "0.0 %" : text;
}

}  // namespace

std::string plan_table(const Session& session, const std::vector<Plan>& plans) {
  Table table({session.text(Say::column_plan), session.text(Say::column_island),
               session.text(Say::column_devices), session.text(Say::column_step),
               session.text(Say::column_tokens), session.text(Say::column_memory),
               session.text(Say::column_total), session.text(Say::column_cost),
               session.text(Say::column_energy), session.text(Say::column_layout)});
  for (const Plan& plan : plans) {
    const Forecast& f = plan.forecast;
    table.row({plan.id, plan.place, fmt::format("{}", ranks_of(plan.parallel)), print(f.step_time),
               fmt::format("{:.0f}", f.tokens_per_s), print(f.memory),
               duration(f.total_time.base()), money(f.cost), f.energy ? print(*f.energy) : "",
               summary(plan)});
  }
  return table.print();
}

std::string search_page(const Session& session, const planner::ClusterSearch& found) {
  const planner::Counts& c = found.counts;
  std::string text = session.text(Say::searched, c.candidates, found.islands.size(), c.evaluated,
                                  c.bounded, c.too_large, c.misfits) +
                     "\n";
  std::vector<Plan> best;
  for (const planner::IslandFindings& one : found.islands)
    if (one.best) best.push_back(*one.best);
  // Of one island it would be the first line of the list below.
  if (!best.empty() && found.islands.size() > 1)
    text += session.text(Say::islands_title) + "\n" + plan_table(session, best);
  for (const planner::IslandFindings& one : found.islands)
    if (!one.best) text += "  " + session.text(Say::no_plan_here, one.place, one.why_not) + "\n";
  if (found.front.size() > 1)
    text += session.text(Say::front_title) + "\n" + plan_table(session, found.front);
  return text;
}

std::string reasons(const Session& session, const std::vector<Plan>& plans, Objective by,
                    const planner::Explanation& why) {
  const Plan& first = plans.front();
  const Plan* next = plans.size() > 1 ? &plans[1] : nullptr;
  std::string text =
      session.text(Say::why_first, first.id, planner::why_first(first, next, by)) + "\n";
  if (!why.binds.empty()) text += "  " + session.text(Say::what_binds, why.binds) + "\n";
  text += memory_line(session, why);
  if (next)
    text += "  " +
            session.text(Say::next_best, fmt::format("{} ({})", next->id, summary(*next)),
                         next->place, 100 * worse(first, *next, by)) +
            "\n";
  return text;
}

std::string comparison(const Session& session, const Plan& a, const Plan& b) {
  Table table({"", a.id, b.id, session.text(Say::column_difference)});
  const Forecast &f = a.forecast, &g = b.forecast;
  auto row = [&](std::string what, std::string mine, std::string theirs, double more) {
    table.row({std::move(what), std::move(mine), std::move(theirs), change(more)});
  };
  row(session.text(Say::quantity_step), print(f.step_time), print(g.step_time),
      g.step_time / f.step_time - 1);
  for (const planner::Difference& one : planner::differences(f, g))
    if (std::max(one.mine, one.theirs) / f.step_time >= share_shown)
      row("  " + std::string(operation_class_names[size_t(one.kind)]), print(one.mine),
          print(one.theirs), (one.theirs - one.mine) / f.step_time);
  row(session.text(Say::quantity_memory), print(f.memory), print(g.memory),
      g.memory / f.memory - 1);
  row(session.text(Say::quantity_total), duration(f.total_time.base()),
      duration(g.total_time.base()), g.total_time / f.total_time - 1);
  if (f.cost && g.cost)
    row(session.text(Say::column_cost), money(f.cost), money(g.cost), *g.cost / *f.cost - 1);
  if (f.energy && g.energy)
    row(session.text(Say::quantity_energy), print(*f.energy), print(*g.energy),
        *g.energy / *f.energy - 1);
  std::string text;
  for (const Plan* plan : {&a, &b})
    text += session.text(Say::plan_title_of, plan->id, plan->place + ", " + summary(*plan)) + "\n";
  return text + table.print();
}

std::string plan_page(const Session& session, const Plan& plan, const planner::Explanation& why) {
  const Forecast& f = plan.forecast;
  std::string text =
      session.text(Say::plan_title_of, plan.id, summary(plan)) + "\n  " +
      session.text(Say::plan_place, plan.place, ranks_of(plan.parallel), plan.framework) + "\n  " +
      session.text(Say::plan_worth, print(f.step_time), print(f.step_time_low),
                   print(f.step_time_high), f.tokens_per_s, duration(f.total_time.base())) +
      "\n";
  if (f.goodput && f.checkpoint_interval)
    text +=
        "  " +
        session.text(Say::plan_goodput, 100 * *f.goodput, duration(f.checkpoint_interval->base())) +
        "\n";
  if (f.extrapolated) text += "  " + session.text(Say::plan_extrapolated) + "\n";
  text += breakdown(session, f);
  text += fmt::format("  {} {}: {}\n", session.text(Say::column_memory), print(f.memory),
                      memory_parts(f));
  if (f.stages.size() > 1) {
    text += "  " + session.text(Say::plan_stages) + "\n";
    Table table({"", "", "", ""});
    for (size_t i = 0; i < f.stages.size(); ++i)
      table.row({fmt::format("{}", i), fmt::format("{}", f.stages[i].layers),
                 print(f.stages[i].micro_batch_time), print(f.stages[i].memory)});
    std::string rows = table.print("    ");
    text += rows.substr(rows.find('\n') + 1);
  }
  text += "  " + session.text(Say::what_binds, why.binds) + "\n" + levers(session, why);
  return text + memory_line(session, why);
}

std::string mixed_page(const Session& session, const std::vector<planner::MixedPlan>& plans) {
  std::string text = session.text(Say::mixed_title) + "\n";
  for (const planner::MixedPlan& one : plans) {
    text += "  " + kind_of(session, one) + "\n";
    const Forecast& f = one.plan.forecast;
    Table table({session.text(Say::column_step), session.text(Say::column_crossing),
                 session.text(Say::column_tokens), session.text(Say::column_gain),
                 session.text(Say::column_total), session.text(Say::column_cost)});
    table.row({print(f.step_time), print(one.crossing), fmt::format("{:.0f}", f.tokens_per_s),
               change(one.gain), duration(f.total_time.base()), money(f.cost)});
    text += table.print("    ");
    for (const Share& share : one.plan.shares)
      text += "      " + share_line(one.plan, share) + "\n";
  }
  return text;
}

Json to_json(const std::vector<planner::MixedPlan>& plans) {
  constexpr const char* kinds[] = {"data", "averaged", "pipeline"};
  Json all = Json::array();
  for (const planner::MixedPlan& one : plans)
    all.push_back({{"kind", kinds[size_t(one.kind)]},
                   {"crossing_s", one.crossing.base()},
                   {"gain", one.gain},
                   {"plan", heliu::to_json(one.plan)}});
  return all;
}

Json to_json(const planner::Explanation& why) {
  Json all = Json::array();
  for (const planner::Lever& lever : why.levers)
    all.push_back({{"what", lever.what}, {"gain", lever.gain}});
  return {{"binds", why.binds},
          {"levers", all},
          {"memory_gain", why.memory_gain},
          {"with_more_memory", why.with_more_memory}};
}

}  // namespace heliu::app
