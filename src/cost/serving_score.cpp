#include "cost/serving_score.h"

#include <fmt/format.h>

#include <algorithm>

namespace heliu::cost {
namespace {

constexpr double largest_batch = 2048;

RowScore unsupported(RowScore score, std::string reason) {
  score.status = RowStatus::unsupported;
  score.reason = std::move(reason);
  return score;
}

std::string what_is_missing(const ServedMeasurement& row) {
  if (!row.prompt || !row.output) return "lengths of prompt and answer are not said";
  if (!row.tp || !row.pp) return "the layout is not said";
  return "";
}

std::optional<Precision> precision_of(const std::string& name) {
  if (name == "FP8" || name == "fp8") return Precision::fp8;
  if (name == "FP4" || name == "fp4") return Precision::nvfp4;
  if (name == "BF16" || name == "bf16") return Precision::bf16;
  return {};
}

// The cache of quantized checkpoints is in 8 bits.
ServingLayout layout_of(const ServedMeasurement& row, const Model& model, Precision precision) {
  Precision cache = precision == Precision::bf16 ? Precision::bf16 : Precision::fp8;
  if (model.experts.count && row.requests > 1 && row.scenario.starts_with("offline"))
    return {1, row.pp, row.tp, precision, cache};
  return {row.tp, row.pp, 1, precision, cache};
}

}  // namespace

std::vector<RowScore> score_serving(const std::vector<ServedMeasurement>& rows,
                                    const std::map<std::string, Model>& models,
                                    const Catalog& catalog, const Calibration& calibration,
                                    const ServingHabits& habits) {
  auto one = [&](const ServedMeasurement& row) {
    RowScore score{.id = fmt::format("{}:{} {} {} {}/{}", "inference.csv", row.line, row.model,
                                     row.chip, row.prompt, row.output),
                   .group = row.chip.empty() ? "other" : row.chip,
                   .measured = row.rate};
    if (!row.fault.empty()) {
      score.status = RowStatus::invalid;
      score.reason = row.fault;
      return score;
    }
    const Chip* chip = find_chip(catalog, row.chip);
    auto model = models.find(row.model);
    auto precision = precision_of(row.precision);
    if (auto missing = what_is_missing(row); !missing.empty()) return unsupported(score, missing);
    if (!chip) return unsupported(score, "the catalog has no chip " + row.chip);
    if (model == models.end()) return unsupported(score, "model is not known: " + row.model);
    if (!precision) return unsupported(score, "precision is not known: " + row.precision);

    score.group = chip->name + (model->second.experts.count ? " mixtures" : " dense");
    Machine place = machine(*chip, {.nodes = 1}, calibration);
    ServingLayout layout = layout_of(row, model->second, *precision);
    Serve serve{row.prompt, row.output, 1};
    ServingForecast single = forecast_serving(model->second, place, habits, layout, serve);
    double batch = double(row.requests);
    if (row.scenario.starts_with("offline"))
      batch = std::min({batch, single.largest_batch, largest_batch * teams_of(layout)});
    if (batch < 1 || batch > single.largest_batch)
      return unsupported(score, "by the forecast it does not fit into memory");
    serve.concurrency = int64_t(batch);
    score.forecast = forecast_serving(model->second, place, habits, layout, serve).tokens_per_s;
    score.family = score.id;
    return score;
  };
  std::vector<RowScore> all;
  for (const ServedMeasurement& row : rows) all.push_back(one(row));
  return all;
}

}  // namespace heliu::cost
