#include "app/report.h"

#include <fmt/core.h>

#include <algorithm>

#include "app/table.h"

namespace heliu::app {
namespace {

std::string percent(double error) { return fmt::format("{:+.1f} %", 100 * error); }

Json figures_json(const Figures& figures) {
  Json json{{"step_time_s", figures.step_time.base()},
            {"tokens_per_s", figures.tokens_per_s},
            {"memory_bytes", figures.memory.base()},
            {"total_time_s", figures.total_time.base()}};
  json["energy_j"] = figures.energy ? Json(figures.energy->base()) : Json(nullptr);
  return json;
}

// From each launch to the last word before the next one.
Seconds time_of_attempts(const std::vector<Record>& records) {
  double sum = 0, launched = 0, last = 0;
  for (const Record& record : records) {
    if (record.event == Event::launched) {
      if (launched > 0) sum += last - launched;
      launched = record.time;
    }
    last = std::max(last, record.time);
  }
  return Seconds::of(launched > 0 ? sum + last - launched : 0);
}

void add_class_rows(Table& table, const Report& r) {
  for (const ClassTime& part : r.plan.forecast.breakdown) {
    auto same = std::find_if(r.breakdown.begin(), r.breakdown.end(), [&](const ClassTime& c) { return c.kind == part.kind; });
    if (same == r.breakdown.end() || (part.time.base() < 1e-6 && same->time.base() < 1e-6)) continue;
    std::string error = part.time.base() > 0 ? percent(error_of(same->time.base(), part.time.base())) : "";
    table.row({"  " + std::string(operation_class_names[size_t(part.kind)]), print(part.time), print(same->time), error, ""});
  }
}

}  // namespace

double error_of(double measured, double promised) { return promised > 0 ? measured / promised - 1 : 0; }

Figures promised(const Plan& plan) {
  const Forecast& f = plan.forecast;
  return {f.step_time, f.total_time, f.tokens_per_s, f.memory, f.energy};
}

Report report(const Plan& plan, const std::vector<Record>& records) {
  Report r;
  r.job = plan.id;
  r.plan = plan;
  Figures measured;
  bool finished = false;
  for (const Record& record : records) {
    if (record.event == Event::step && record.loss) {
      if (record.step == 1) r.loss_first = *record.loss;
      r.loss_last = *record.loss;
      r.steps = record.step.value_or(r.steps);
    }
    if (record.event == Event::sample) r.sample = record.text;
    if (record.event == Event::checkpoint) r.checkpoint = record.path;
    if (record.event == Event::launched) measured.memory = {};
    if (record.memory) measured.memory = std::max(measured.memory, *record.memory);
    if (record.event != Event::finished || record.rank != 0) continue;
    finished = record.step_time.has_value();
    measured.step_time = record.step_time.value_or(Seconds{});
    measured.tokens_per_s = record.tokens_per_s.value_or(0);
    measured.energy = record.energy;
    r.breakdown = record.breakdown;
  }
  measured.total_time = time_of_attempts(records);
  if (finished) r.measured = measured;
  return r;
}

std::string print(const Session& session, const Report& r) {
  Figures p = promised(r.plan);
  if (!r.measured) return "";
  const Figures& m = *r.measured;
  auto next = [&](auto figure) { return r.next ? figure(*r.next) : std::string(); };
  Table table({session.text(Say::column_quantity), session.text(Say::column_promised), session.text(Say::column_measured),
               session.text(Say::column_error), session.text(Say::column_next)});
  table.row({session.text(Say::quantity_step), print(p.step_time), print(m.step_time), percent(error_of(m.step_time.base(), p.step_time.base())),
             next([](const Forecast& f) { return heliu::print(f.step_time); })});
  add_class_rows(table, r);
  table.row({session.text(Say::quantity_tokens), fmt::format("{:.0f}", p.tokens_per_s), fmt::format("{:.0f}", m.tokens_per_s),
             percent(error_of(m.tokens_per_s, p.tokens_per_s)), next([](const Forecast& f) { return fmt::format("{:.0f}", f.tokens_per_s); })});
  table.row({session.text(Say::quantity_memory), print(p.memory), print(m.memory), percent(error_of(m.memory.base(), p.memory.base())),
             next([](const Forecast& f) { return heliu::print(f.memory); })});
  table.row({session.text(Say::quantity_total), print(p.total_time), print(m.total_time), percent(error_of(m.total_time.base(), p.total_time.base())),
             next([](const Forecast& f) { return heliu::print(f.total_time); })});
  std::string unknown = session.text(Say::not_measurable);
  table.row({session.text(Say::quantity_energy), p.energy ? print(*p.energy) : unknown, m.energy ? print(*m.energy) : unknown, "", ""});
  return table.print();
}

Json to_json(const Report& r) {
  Json object{{"ok", r.measured.has_value()},
              {"job", r.job},
              {"plan", heliu::to_json(r.plan)},
              {"forecast", figures_json(promised(r.plan))}};
  object["plan"].erase("forecast");
  object["plan"]["summary"] = summary(r.plan);
  if (r.measured) {
    Figures p = promised(r.plan);
    object["measured"] = figures_json(*r.measured);
    object["error"] = {{"step_time", error_of(r.measured->step_time.base(), p.step_time.base())},
                       {"tokens_per_s", error_of(r.measured->tokens_per_s, p.tokens_per_s)},
                       {"memory", error_of(r.measured->memory.base(), p.memory.base())},
                       {"total_time", error_of(r.measured->total_time.base(), p.total_time.base())}};
  }
  if (r.next) object["next"] = heliu::to_json(*r.next);
  object["loss_first"] = r.loss_first;
  object["loss_last"] = r.loss_last;
  object["steps"] = r.steps;
  object["sample"] = r.sample;
  object["checkpoint"] = r.checkpoint;
  return object;
}

}  // namespace heliu::app
