#include "cost/forecast.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cost/fixture.h"
#include "spec/document.h"

namespace heliu::cost {
namespace {

using enum OperationClass;

Model tiny(int64_t layers = 1) {
  return {.layers = layers,
          .hidden = 8,
          .heads = 2,
          .sequence = 4,
          .feed_forward = 32,
          .vocabulary = 10};
}

Plan plan_of(Parallel parallel, int64_t micro_batch, int64_t accumulation) {
  Plan plan;
  plan.place = "host/cpu";
  plan.parallel = parallel;
  plan.micro_batch = micro_batch;
  plan.accumulation = accumulation;
  return plan;
}

double at(const Forecast& promise, OperationClass kind) {
  return promise.breakdown[size_t(kind)].time.base();
}

const Island two_cores = fixture::island(2, 1.0_GB);

TEST(Forecast, OfOneLayerIsAsByHand) {
  auto known = fixture::steady(1e9, 1e9);
  known.start_time = 3.0_s;

  auto promise = forecast(two_cores, fixture::workload(tiny(), 2, 10), plan_of({}, 2, 1), known);

  ASSERT_TRUE(promise);
  EXPECT_NEAR(at(*promise, gemm), 20352e-9, 1e-13);     // 3 x 8 rows x 848 weights
  EXPECT_NEAR(at(*promise, attention), 512e-9, 1e-13);  // 8 x 8 x 4, forward and backward
  // Norms 6 x 64, GELU 2 x 256, biases 8 x (24 + 8 + 32 + 8).
  EXPECT_NEAR(at(*promise, elementwise), (384 + 512 + 576) * 1e-9, 1e-13);
  EXPECT_NEAR(at(*promise, embedding), 128e-9, 1e-13);
  EXPECT_NEAR(at(*promise, loss), 80e-9, 1e-13);
  EXPECT_NEAR(at(*promise, optimizer), 2000e-9, 1e-13);
  EXPECT_EQ(at(*promise, communication), 0);
  EXPECT_EQ(at(*promise, other), 0);
  EXPECT_NEAR(promise->step_time.base(), 24544e-9, 1e-13);
  EXPECT_NEAR(promise->tokens_per_s, 8 / 24544e-9, 1);
  // Ten steps, and one checkpoint of 12 bytes a parameter at 0.5 GB/s.
  EXPECT_NEAR(promise->total_time.base(), 3 + 24544e-8 + 12000 / 0.5e9, 1e-9);
  EXPECT_FALSE(promise->extrapolated);
}

TEST(Forecast, BreakdownSumsExactlyToTheStep) {
  auto known = fixture::steady(1.7e9, 0.3e9);
  known.step_overhead = 0.123_ms;
  known.corrections = {{gemm, Precision::fp32, 2, 1, 1.37, 2},
                       {communication, Precision::fp32, 2, 1, 0.71, 1}};

  auto promise =
      forecast(two_cores, fixture::workload(tiny(3), 8, 10), plan_of({2, 1, 1}, 2, 2), known);

  Seconds sum;
  for (const ClassTime& one : promise->breakdown) sum += one.time;
  EXPECT_EQ(sum, promise->step_time);
  EXPECT_EQ(promise->breakdown.size(), operation_class_count);
}

TEST(Forecast, OfTwoReplicasAddsTheGradientsAllReduce) {
  auto promise = forecast(two_cores, fixture::workload(tiny(), 4, 1), plan_of({2, 1, 1}, 2, 1),
                          fixture::steady(1e9, 1e9));

  EXPECT_NEAR(at(*promise, communication), 4000 / 1e9,
              1e-12);  // 1000 parameters of 4 bytes at 1 GB/s
  EXPECT_NEAR(at(*promise, gemm), 20352e-9, 1e-13);
}

TEST(Forecast, OfTwoStagesWaitsForThePipelineToFillAndDrain) {
  auto known = fixture::steady(1e9, 1e9);

  auto promise =
      forecast(two_cores, fixture::workload(tiny(2), 4, 1), plan_of({1, 1, 2}, 1, 4), known);

  double step = promise->step_time.base(), bubble = at(*promise, other);
  // The optimizer and the sum of the tied embedding's gradients (1 us, the least that was measured)
  // come once; the rest comes four times, and (pp - 1) times more as waiting.
  double once = at(*promise, optimizer) + 1e-6;
  EXPECT_NEAR(bubble, (step - bubble - once) / 4, 1e-12);
}

TEST(Forecast, AppliesWhatRunsTaught) {
  auto known = fixture::steady(1e9, 1e9);
  known.corrections = {{gemm, Precision::fp32, 1, 1, 2.0, 3}};
  known.step_overhead = 1.0_ms;

  auto promise = forecast(two_cores, fixture::workload(tiny(), 2, 1), plan_of({}, 2, 1), known);

  EXPECT_NEAR(at(*promise, gemm), 40704e-9, 1e-13);
  EXPECT_NEAR(at(*promise, other), 1e-3, 1e-15);
}

TEST(Forecast, BandNarrowsWithRunsAndWidensWhereExtrapolated) {
  auto known = fixture::steady(1e9, 1e9, {{1, 1}});
  auto work = fixture::workload(tiny(), 2, 1);

  auto fresh = forecast(two_cores, work, plan_of({}, 2, 1), known);
  auto elsewhere = forecast(two_cores, work, plan_of({2, 1, 1}, 1, 1), known);
  for (size_t i = 0; i < operation_class_count; ++i)
    known.corrections.push_back({OperationClass(i), Precision::fp32, 1, 1, 1.0, 16});
  auto known_well = forecast(two_cores, work, plan_of({}, 2, 1), known);

  auto half = [](const Forecast& f) {
    return (f.step_time_high - f.step_time_low) / f.step_time / 2;
  };
  EXPECT_NEAR(half(*fresh), 0.25, 1e-9);
  EXPECT_NEAR(half(*elsewhere), 0.50, 1e-9);
  EXPECT_NEAR(half(*known_well), 0.09, 1e-9);
}

TEST(Forecast, KnowsThePriceWhereTheIslandHasOne) {
  Island priced = two_cores;
  priced.price = HourlyPrice::of(3.6 / 3600);  // 3.6 CNY per core and hour
  auto known = fixture::steady(1e9, 1e9);
  known.start_time = 500.0_s;

  auto promise = forecast(priced, fixture::workload(tiny(), 2, 1), plan_of({2, 1, 1}, 1, 1), known);

  EXPECT_NEAR(promise->cost->base(), 2 * 500 * 0.001, 1e-6);
  EXPECT_FALSE(
      forecast(two_cores, fixture::workload(tiny(), 2, 1), plan_of({}, 2, 1), known)->cost);
}

TEST(Forecast, SaysThatEnergyIsNotMeasurable) {
  auto promise = forecast(two_cores, fixture::workload(tiny(), 2, 1), plan_of({}, 2, 1),
                          fixture::steady(1e9, 1e9));

  EXPECT_FALSE(promise->energy);
  EXPECT_EQ(promise->energy_note, "not measurable here: no energy counter");
}

TEST(Forecast, IsTheSameBytesForTheSameDocuments) {
  auto known = fixture::steady(1.23e9, 0.7e9);
  auto work = fixture::workload(tiny(3), 8, 10);
  Forecaster forecaster(two_cores, known);
  Plan one = plan_of({2, 1, 1}, 2, 2), another = plan_of({1, 1, 1}, 8, 1);

  std::string first = to_line(*forecaster.forecast(work, one));
  std::string between = to_line(*forecaster.forecast(work, another));

  EXPECT_EQ(to_line(*forecaster.forecast(work, one)), first);
  EXPECT_EQ(to_line(*forecast(two_cores, work, one, known)), first);
  EXPECT_NE(between, first);
}

TEST(Forecast, RefusesPlansThatDoNotDivideTheWork) {
  auto known = fixture::steady(1e9, 1e9);
  auto refusal = [&](const Model& model, const Plan& plan) {
    auto promise = forecast(two_cores, fixture::workload(model, 8, 1), plan, known);
    return promise ? "" : promise.error().message;
  };

  EXPECT_EQ(refusal(tiny(), plan_of({2, 1, 1}, 3, 1)),
            "dp 2 x micro-batch 3 x accumulation 1 is not the global batch 8");
  EXPECT_EQ(refusal(tiny(), plan_of({1, 3, 1}, 8, 1)),
            "tp 3 does not divide heads 2 and feed-forward 32");
  EXPECT_EQ(refusal(tiny(), plan_of({1, 1, 2}, 8, 1)), "pp 2 is more than layers 1");
  Model open = tiny();
  open.vocabulary = 0;
  EXPECT_EQ(refusal(open, plan_of({}, 8, 1)),
            "the vocabulary is not known yet: it comes from the data");
}

TEST(Forecast, WithoutMeasurementsSaysHowToGetThem) {
  auto promise = forecast(two_cores, fixture::workload(tiny(), 2, 1), plan_of({}, 2, 1), {});

  ASSERT_FALSE(promise);
  EXPECT_EQ(promise.error().kind, Error::Kind::environment);
  EXPECT_EQ(promise.error().hint, "measure the island first: heliu discover");
}

}  // namespace
}  // namespace heliu::cost
