#include "planner/plan_writer.h"

#include <algorithm>
#include <cmath>

#include "planner/bound.h"

namespace heliu::planner {
namespace {

constexpr double nine_of_ten = 2.5;  // over the mean error: docs/models/accuracy.md
constexpr double unstated_error = 0.1, more_for_unfitted = 0.5;

double band_of(const Calibration& calibration, int unfitted) {
  double mean = calibration.error > 0 ? calibration.error : unstated_error;
  return std::min(0.9, nine_of_ten * mean * (1 + more_for_unfitted * unfitted));
}

MemoryParts parts_of(const cost::Footprint& f) {
  return {Bytes::of(f.weights),     Bytes::of(f.gradients), Bytes::of(f.optimizer),
          Bytes::of(f.activations), Bytes::of(f.buffers),   Bytes::of(f.runtime)};
}

std::vector<StageForecast> stages_of(const Quest& quest, const Candidate& c) {
  const cost::Estimator& estimator = quest.setting(c.devices).estimator;
  cost::Block block = estimator.block(cost::split_of(c.layout));
  std::vector<StageForecast> stages;
  for (int i = 0; i < c.layout.parallel.pp; ++i) {
    cost::Footprint footprint = estimator.footprint(c.layout, block, i);
    StageForecast one;
    one.layers = std::llround(cost::layers_of_stage(quest.task.model, c.layout.parallel, i));
    one.micro_batch_time =
        Seconds::of(stage_seconds(quest.task.model, c.layout, block, quest.habits, i));
    one.memory = Bytes::of(footprint.total());
    one.memory_parts = parts_of(footprint);
    stages.push_back(one);
  }
  return stages;
}

void write_worth(Forecast& f, const Quest& quest, const Candidate& c, const Site& site) {
  const Scoring& scoring = quest.setting(c.devices).scoring;
  f.total_time = Seconds::of(c.score.time);
  if (scoring.has_price()) f.cost = Yuan::of(c.score.cost);
  if (scoring.has_power()) {
    f.energy = Joules::of(c.score.energy);
    if (site.center->carbon) f.carbon = cost::carbon_of(*f.energy, *site.center->carbon);
  } else {
    f.energy_note = "the chip's power is not known";
  }
  const cost::Goodput& goodput = scoring.goodput();
  if (goodput.time_between_failures > Seconds{}) {
    f.goodput = goodput.share;
    f.checkpoint_interval = goodput.interval;
  }
}

Forecast forecast_of(const Quest& quest, const Candidate& c, const Site& site) {
  cost::Estimate e = estimate(quest, c);
  Forecast f;
  f.step_time = Seconds::of(e.step);
  f.step_time_low = (1 - site.band) * f.step_time;
  f.step_time_high = (1 + site.band) * f.step_time;
  for (size_t i = 0; i < operation_class_count; ++i)
    if (e.seconds[i] > 0) f.breakdown.push_back({OperationClass(i), Seconds::of(e.seconds[i])});
  f.tokens_per_s = quest.task.global_batch * double(quest.task.model.sequence) / e.step;
  f.memory = Bytes::of(e.footprint.total());
  f.memory_parts = parts_of(e.footprint);
  f.stages = stages_of(quest, c);
  f.extrapolated = site.extrapolated;
  write_worth(f, quest, c, site);
  return f;
}

}  // namespace

Site site_of(const Center& center, const Island& island, const std::string& framework,
             const Catalog& catalog, const Calibration& calibration) {
  const Chip* chip =
      island.node.devices.empty() ? nullptr : find_chip(catalog, island.node.devices.front().chip);
  bool knows_chip = chip && calibration_of_chip(calibration, chip->name).rows > 0;
  bool knows_network = calibration_of_network(calibration, "").rows > 0;
  bool knows_framework = calibration_of_framework(calibration, framework).rows > 0;
  int unfitted = !knows_chip + !knows_network + !knows_framework;
  return {&center,
          &island,
          center.name + "/" + island.name,
          framework,
          band_of(calibration, unfitted),
          !knows_chip};
}

Plan plan_of(const Quest& quest, const Candidate& c, const Site& site) {
  Plan plan;
  plan.workload = quest.workload;
  plan.place = site.place;
  plan.parallel = c.layout.parallel;
  plan.micro_batch = c.layout.micro_batch;
  plan.accumulation = c.layout.micro_batches;
  plan.precision = c.layout.precision;
  plan.framework = site.framework;
  plan.forecast = forecast_of(quest, c, site);
  return plan;
}

cost::Layout layout_of(const Plan& plan) {
  return {plan.parallel, plan.micro_batch, plan.accumulation, plan.precision};
}

}  // namespace heliu::planner
