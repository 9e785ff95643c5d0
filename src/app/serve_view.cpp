#include "app/serve_view.h"

#include <fmt/format.h>

#include "app/table.h"

namespace heliu::app {
namespace {

std::string joules_per_token(const Plan& plan) {
  if (!plan.forecast.energy) return "";
  const Serve& s = plan.workload.serve;
  double requests = s.requests > 0 ? s.requests : double(s.concurrency);
  return fmt::format("{:.2f}", plan.forecast.energy->base() / (requests * double(s.output)));
}

}  // namespace

std::string serve_table(const Session& session, const std::vector<Plan>& plans) {
  Table table({session.text(Say::column_plan), session.text(Say::column_island),
               session.text(Say::column_devices), session.text(Say::column_first_token),
               session.text(Say::column_token_time), session.text(Say::column_tokens),
               session.text(Say::column_device_memory), session.text(Say::column_price_per_million),
               session.text(Say::column_token_energy), session.text(Say::column_layout)});
  for (const Plan& plan : plans) {
    const Forecast& f = plan.forecast;
    auto price = planner::price_per_million(plan);
    table.row({plan.id, plan.place, fmt::format("{}", ranks_of(plan.parallel)),
               print(f.first_token.value_or(Seconds{})),
               fmt::format("{:.2f}", 1e3 * f.token_time.value_or(Seconds{}).base()),
               fmt::format("{:.0f}", f.tokens_per_s), print(f.memory),
               price ? fmt::format("{:.2f}", *price) : "", joules_per_token(plan),
               planner::serving_layout(plan)});
  }
  return table.print();
}

std::string serve_page(const Session& session, const planner::ServeSearch& found) {
  int layouts = 0, large = 0, slow = 0;
  std::vector<Plan> best;
  for (const planner::ServeFindings& one : found.islands) {
    layouts += one.layouts;
    large += one.too_large;
    slow += one.too_slow;
    if (one.best) best.push_back(*one.best);
  }
  std::string text =
      session.text(Say::serve_searched, layouts, found.islands.size(), large, slow) + "\n";
  if (!best.empty()) text += session.text(Say::islands_title) + "\n" + serve_table(session, best);
  for (const planner::ServeFindings& one : found.islands)
    if (!one.best) text += "  " + session.text(Say::no_plan_here, one.place, one.why_not) + "\n";
  return text;
}

Json to_json(const planner::ServeSearch& found) {
  Json plans = Json::array(), islands = Json::array();
  for (const Plan& plan : found.plans) plans.push_back(heliu::to_json(plan));
  for (const planner::ServeFindings& one : found.islands) {
    Json island{{"place", one.place},
                {"layouts", one.layouts},
                {"too_large", one.too_large},
                {"too_slow", one.too_slow}};
    if (one.best) island["best"] = heliu::to_json(*one.best);
    if (!one.best) island["why_not"] = one.why_not;
    if (one.smallest) island["devices_needed"] = one.smallest->devices;
    islands.push_back(std::move(island));
  }
  return {{"plans", plans}, {"islands", islands}};
}

}  // namespace heliu::app
