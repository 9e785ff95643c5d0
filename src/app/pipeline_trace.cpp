#include "app/pipeline_trace.h"

#include <fmt/core.h>

#include <algorithm>

#include "cost/timeline.h"
#include "exchange/trace.h"

namespace heliu::app {
namespace {

constexpr int compute_lane = 0, rest_lane = 1;

tl::unexpected<Error> refusal(std::string message, std::string hint) {
  return fail({.kind = Error::Kind::infeasible,
               .message = std::move(message),
               .hint = std::move(hint),
               .code = "HL-E0110"});
}

cost::StageTimes times_of(Seconds micro_batch, Recompute recompute) {
  if (recompute == Recompute::full) return {micro_batch / 4, micro_batch / 2, micro_batch / 4};
  return {micro_batch / 3, micro_batch * 2 / 3, {}};
}

std::vector<Seconds> stages_of(const Plan& plan) {
  std::vector<Seconds> stages;
  for (const StageForecast& stage : plan.forecast.stages) stages.push_back(stage.micro_batch_time);
  bool single = stages.empty() && plan.parallel.pp == 1;
  if (single) stages.push_back(plan.forecast.step_time / double(plan.accumulation));
  return stages;
}

exchange::Span span_of(const cost::PipelineSpan& span, int chunks) {
  constexpr const char* kinds[] = {"forward", "recompute", "backward"};
  const char* kind = kinds[int(span.task)];
  std::string name = fmt::format("{} {}", kind, span.micro_batch);
  if (chunks > 1) name += fmt::format(" chunk {}", span.chunk);
  return {name, kind, span.stage, compute_lane, span.start, span.length};
}

}  // namespace

Result<std::string> pipeline_trace(const Plan& plan) {
  const Parallel& p = plan.parallel;
  std::vector<Seconds> stages = stages_of(plan);
  if (p.zero_bubble)
    return refusal("a trace cannot express a zero-bubble schedule", "parallel.zero_bubble: false");
  if (int(stages.size()) != p.pp)
    return refusal(
        fmt::format("the plan's forecast has {} stages, its pipeline {}", stages.size(), p.pp),
        "plan the workload again");
  cost::PipelineShape shape{.micro_batches = plan.accumulation, .chunks = p.vpp};
  for (Seconds stage : stages) shape.stages.push_back(times_of(stage, p.recompute));

  cost::Timeline timeline = cost::pipeline_timeline(shape);
  std::vector<exchange::Span> spans;
  for (const cost::PipelineSpan& span : timeline.spans) spans.push_back(span_of(span, p.vpp));
  Seconds rest = plan.forecast.step_time - timeline.total;
  for (int stage = 0; stage < p.pp && rest.base() > 0; ++stage)
    spans.push_back({"gradients, optimizer", "rest", stage, rest_lane, timeline.total, rest});
  return exchange::write_trace(spans, {"pipeline", "rest of the step"});
}

}  // namespace heliu::app
