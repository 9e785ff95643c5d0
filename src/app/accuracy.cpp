#include "app/accuracy.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/table.h"

namespace heliu::app {
namespace {

using cost::GroupScore;

std::string percent(double share) { return fmt::format("{:.1f}", 100 * share); }

std::vector<std::string> cells(const GroupScore& g) {
  bool any = g.supported > 0;
  auto shown = [&](double value) { return any ? percent(value) : std::string("-"); };
  return {g.group,
          fmt::format("{}", g.rows),
          fmt::format("{}", g.supported),
          shown(g.mean),
          shown(g.median),
          shown(g.p90),
          shown(g.most),
          any ? fmt::format("{:+.1f}", 100 * g.bias) : "-",
          g.families ? fmt::format("{:.3f}", g.tau) : "-",
          g.families ? percent(g.regret) : "-",
          g.memory_rows ? percent(g.memory_mean) : "-"};
}

const std::vector<std::string> heading = {"group", "rows", "ok",  "mean %",   "median",  "p90",
                                          "max",   "bias", "tau", "regret %", "memory %"};

std::string markdown(const std::vector<GroupScore>& groups) {
  auto line = [](const std::vector<std::string>& words) {
    std::string text = "|";
    for (const std::string& word : words) text += " " + word + " |";
    return text + "\n";
  };
  std::string text = line(heading) + "|---|" + [] {
    std::string rule;
    for (size_t i = 1; i < heading.size(); ++i) rule += "--:|";
    return rule;
  }() + "\n";
  for (const GroupScore& group : groups) text += line(cells(group));
  return text + "\n";
}

// Chips with numbers of their own, not those of an architecture or of any.
size_t own(const Calibration& calibration) {
  return size_t(std::ranges::count_if(
      calibration.chips, [](const ChipCalibration& one) { return !one.chip.empty(); }));
}

}  // namespace

std::string table_of_groups(const std::vector<GroupScore>& groups) {
  Table table(heading);
  for (const GroupScore& group : groups) table.row(cells(group));
  return table.print("");
}

Json json_of(const cost::RowScore& row) {
  constexpr const char* states[] = {"ok", "unsupported", "invalid"};
  Json out{{"id", row.id}, {"group", row.group}, {"status", states[int(row.status)]}};
  out["reason"] = row.reason;
  bool ok = row.status == cost::RowStatus::ok;
  out["forecast_step_time_s"] = ok ? Json(row.forecast) : Json();
  out["measured_step_time_s"] = row.measured > 0 ? Json(row.measured) : Json();
  out["error"] = ok ? Json(row.error()) : Json();
  out["forecast_memory_gb"] = ok && row.memory ? Json(*row.memory / 1e9) : Json();
  out["measured_memory_gb"] = row.measured_memory ? Json(*row.measured_memory / 1e9) : Json();
  out["fits"] = ok ? Json(row.fits) : Json();
  return out;
}

Json json_of(const GroupScore& g) {
  Json out{{"group", g.group}, {"n", g.rows}, {"supported", g.supported}};
  auto number = [&](const char* key, double value, bool known) {
    out[key] = known ? Json(value) : Json();
  };
  number("mean_abs_error", g.mean, g.supported > 0);
  number("median_abs_error", g.median, g.supported > 0);
  number("p90_abs_error", g.p90, g.supported > 0);
  number("max_abs_error", g.most, g.supported > 0);
  number("bias", g.bias, g.supported > 0);
  out["families"] = g.families;
  number("kendall_tau", g.tau, g.families > 0);
  number("regret", g.regret, g.families > 0);
  out["memory_rows"] = g.memory_rows;
  number("memory_mean_abs_error", g.memory_mean, g.memory_rows > 0);
  return out;
}

std::string page_on(const Accuracy& accuracy, const Calibration& calibration) {
  std::string text = fmt::format(
      "# Accuracy of the forecast\n\n"
      "Written by `heliu calibrate --output catalog/calibration.json --report "
      "docs/models/accuracy.md`; do not edit.\n\n"
      "Errors are of the step time, absolute, in percent; bias keeps the sign. tau is Kendall's, "
      "within "
      "families of at\nleast {} plans for the same model, chip, devices and batch; regret: by how "
      "much "
      "the plan forecast as best is slower\nthan the best one measured. memory: mean absolute "
      "error of "
      "the fullest device's peak, where it was published.\n\n"
      "The calibration has {} chips, {} kinds of network and {} frameworks; at most 11 numbers "
      "each. It "
      "was fitted to four\nfifths of the rows, chosen by a hash of their ids; the last fifth is "
      "untouched.\n\n",
      cost::family_size, own(calibration), calibration.networks.size(),
      calibration.frameworks.size());
  text += "## Rows the calibration was fitted to\n\n" + markdown(accuracy.fitted);
  text += "## Rows it has not seen\n\n" + markdown(accuracy.untouched);
  text += "## Every row by a calibration that has not seen it (five folds)\n\n" +
          markdown(accuracy.crossed);
  text +=
      "## The same, production runs together\n\nMegatron Bridge, NeMo, MLPerf, LLM Foundry, "
      "torchtitan and InternEvo.\n\n" +
      markdown(accuracy.production);
  text += "## Rows that could not be forecast\n\n";
  if (accuracy.left_out.empty()) text += "None.\n";
  for (const cost::RowScore& row : accuracy.left_out)
    text += fmt::format("- {}: {}\n", row.id, row.reason);
  return text;
}

}  // namespace heliu::app
