#include "app/pipeline_trace.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace heliu::app {
namespace {

Plan two_stages() {
  Plan plan;
  plan.parallel.pp = 2;
  plan.accumulation = 4;
  plan.forecast.stages.assign(2, {.layers = 2, .micro_batch_time = Seconds::of(3)});
  plan.forecast.step_time = Seconds::of(17);
  return plan;
}

TEST(PipelineTrace, ShowsEveryMicroBatchAndTheRestOfTheStep) {
  auto trace = nlohmann::json::parse(pipeline_trace(two_stages()).value());

  int spans = 0;
  double pipeline_end = 0, end = 0;
  for (const auto& event : trace["traceEvents"]) {
    if (event["ph"] != "X") continue;
    ++spans;
    double stop = event["ts"].get<double>() + event["dur"].get<double>();
    end = std::max(end, stop);
    if (event["cat"] != "rest") pipeline_end = std::max(pipeline_end, stop);
  }
  EXPECT_EQ(spans, 2 * 4 * 2 + 2);
  EXPECT_NEAR(pipeline_end, (4 + 1) * 3e6, 1);
  EXPECT_NEAR(end, 17e6, 1);
}

TEST(PipelineTrace, RecomputesBeforeEachBackward) {
  Plan plan = two_stages();
  plan.parallel.recompute = Recompute::full;

  EXPECT_NE(pipeline_trace(plan)->find("\"recompute 3\""), std::string::npos);
}

TEST(PipelineTrace, SaysWhatItCannotShow) {
  Plan plan = two_stages();
  plan.parallel.pp = 3;
  EXPECT_EQ(pipeline_trace(plan).error().message,
            "the plan's forecast has 2 stages, its pipeline 3");

  plan = two_stages();
  plan.parallel.zero_bubble = true;
  EXPECT_EQ(pipeline_trace(plan).error().message, "a trace cannot express a zero-bubble schedule");
}

}  // namespace
}  // namespace heliu::app
