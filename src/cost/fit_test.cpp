#include "cost/fit.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "cost/fixture.h"
#include "cost/forecast.h"

namespace heliu::cost {
namespace {

using enum OperationClass;

const Island two_cores = fixture::island(2, 1.0_GB);
const Model model{
    .layers = 4, .hidden = 64, .heads = 4, .sequence = 32, .feed_forward = 0, .vocabulary = 500};

Plan planned(const Coefficients& known) {
  Plan plan;
  plan.place = "host/cpu";
  plan.workload = fixture::workload(model, 8, 20);
  plan.parallel = {2, 1, 1};
  plan.micro_batch = 4;
  plan.forecast = *forecast(two_cores, plan.workload, plan, known);
  return plan;
}

Record finished(const std::vector<ClassTime>& breakdown, Seconds step) {
  Record record;
  record.event = Event::finished;
  record.job = "poems-1";
  record.time = 100;
  record.step_time = step;
  record.breakdown = breakdown;
  return record;
}

// A machine whose classes take `truth` times what the first forecast promised, with noise.
Record run(const Forecast& first, const std::array<double, operation_class_count>& truth,
           uint64_t seed, double noise) {
  std::vector<ClassTime> breakdown;
  Seconds step;
  for (size_t i = 0; i < operation_class_count; ++i) {
    double jitter = std::exp(noise * random_normal(seed, i));
    breakdown.push_back({OperationClass(i), first.breakdown[i].time * (truth[i] * jitter)});
    if (OperationClass(i) == other) breakdown.back().time = Seconds::of(2e-4 * jitter);
    step += breakdown.back().time;
  }
  return finished(breakdown, step);
}

double error_of(const Plan& plan, const Record& record) {
  return std::abs(*record.step_time / plan.forecast.step_time - 1);
}

TEST(Fit, FirstRunTakesTheWholeError) {
  auto known = fixture::steady(1e9, 1e9);
  Plan plan = planned(known);

  auto breakdown = plan.forecast.breakdown;
  breakdown[size_t(gemm)].time *= 1.5;
  Seconds step = plan.forecast.step_time + plan.forecast.breakdown[size_t(gemm)].time * 0.5;
  Coefficients fitted = fit(known, plan, {finished(breakdown, step)});

  EXPECT_NEAR(planned(fitted).forecast.step_time / step, 1, 1e-12);
}

TEST(Fit, LaterRunsTakeHalfOfTheErrorInLogarithms) {
  auto known = fixture::steady(1e9, 1e9);
  known.corrections = {{gemm, Precision::fp32, 2, 1, 1.0, 1}};
  Plan plan = planned(known);

  auto breakdown = plan.forecast.breakdown;
  for (ClassTime& one : breakdown) one.time *= 4;
  Coefficients fitted = fit(known, plan, {finished(breakdown, plan.forecast.step_time * 4)});

  EXPECT_DOUBLE_EQ(fitted.corrections[0].factor, 2);
  EXPECT_EQ(fitted.corrections[0].runs, 2);
}

TEST(Fit, OnWhatWasPromisedIsAFixedPoint) {
  auto known = fixture::steady(1e9, 1e9);
  known.step_overhead = 0.1_ms;
  Plan plan = planned(known);

  Coefficients once =
      fit(known, plan, {finished(plan.forecast.breakdown, plan.forecast.step_time)});
  Plan again = planned(once);
  Coefficients twice =
      fit(once, again, {finished(again.forecast.breakdown, again.forecast.step_time)});

  EXPECT_EQ(again.forecast.step_time, plan.forecast.step_time);
  for (const Correction& one : twice.corrections) EXPECT_DOUBLE_EQ(one.factor, 1);
  EXPECT_EQ(*twice.step_overhead, 0.1_ms);
}

TEST(Fit, MakesPromisesBetterOverNoisyRuns) {
  auto known = fixture::steady(1e9, 1e9);
  std::array<double, operation_class_count> truth{1.6, 0.7, 2.2, 1.1, 0.9, 1.3, 1.8, 1};
  Forecast first = planned(known).forecast;

  std::vector<double> errors;
  for (uint64_t i = 0; i < 40; ++i) {
    Plan plan = planned(known);
    Record record = run(first, truth, i, 0.05);
    errors.push_back(error_of(plan, record));
    known = fit(known, plan, {record});
  }

  auto mean = [&](size_t from, size_t to) {
    double sum = 0;
    for (size_t i = from; i < to; ++i) sum += errors[i];
    return sum / double(to - from);
  };
  EXPECT_GT(errors[0], 0.25);
  EXPECT_LT(mean(1, 6), 0.10);
  EXPECT_LT(mean(20, 40), 0.05);  // no more than the noise itself
  double clean = *run(first, truth, 0, 0).step_time / planned(known).forecast.step_time;
  EXPECT_NEAR(clean, 1, 0.05);
}

TEST(Fit, StaysWithinReasonWhateverWasMeasured) {
  auto known = fixture::steady(1e9, 1e9);
  Plan plan = planned(known);

  auto breakdown = plan.forecast.breakdown;
  for (ClassTime& one : breakdown) one.time *= 1000;
  Coefficients fitted = fit(known, plan, {finished(breakdown, plan.forecast.step_time * 1000)});

  for (const Correction& one : fitted.corrections) EXPECT_EQ(one.factor, 5);
}

TEST(Fit, WithoutABreakdownScalesEveryClassAlike) {
  auto known = fixture::steady(1e9, 1e9);
  Plan plan = planned(known);

  Coefficients fitted = fit(known, plan, {finished({}, plan.forecast.step_time * 1.25)});

  for (const Correction& one : fitted.corrections) EXPECT_NEAR(one.factor, 1.25, 1e-12);
  EXPECT_NEAR(planned(fitted).forecast.step_time / plan.forecast.step_time, 1.25, 1e-12);
}

TEST(Fit, ChangesNothingWhereRecordsSayNothing) {
  auto known = fixture::steady(1e9, 1e9);
  Plan plan = planned(known);

  Coefficients fitted = fit(known, plan, {Record(), finished({}, Seconds())});

  EXPECT_TRUE(fitted.corrections.empty());
  EXPECT_EQ(fitted.kernels.size(), known.kernels.size());
  EXPECT_EQ(fitted.runtime_memory, Bytes());
  EXPECT_FALSE(fitted.step_overhead);
}

TEST(Fit, TakesTheTimeBesideTheOperationsFromTheFirstRun) {
  auto known = fixture::steady(1e9, 1e9);
  Plan plan = planned(known);

  auto breakdown = plan.forecast.breakdown;
  breakdown.pop_back();  // names no `other`
  Coefficients fitted = fit(known, plan, {finished(breakdown, plan.forecast.step_time + 3.0_ms)});

  EXPECT_NEAR(fitted.step_overhead->in(1.0_ms), 3, 1e-9);
}

TEST(Fit, LearnsMemoryAndStartFromARun) {
  Coefficients known = fixture::steady(1e9, 1e9);
  Plan plan = planned(known);
  Record launched, started, slower, done = finished({}, plan.forecast.step_time), peer = done;
  launched.event = Event::launched, launched.time = 10;
  started.event = slower.event = Event::started, started.time = 12, slower.time = 13;
  done.memory = 50.0_MB, done.accounted_memory = 30.0_MB;
  peer.rank = 1, peer.memory = 55.0_MB, peer.accounted_memory = 30.0_MB;

  Coefficients once = fit(known, plan, {launched, started, slower, done, peer});
  peer.memory = 59.0_MB;
  Coefficients twice = fit(once, plan, {launched, started, done, peer});

  EXPECT_EQ(once.start_time, 3.0_s);
  EXPECT_EQ(once.runtime_memory, 25.0_MB);
  EXPECT_EQ(twice.start_time, 2.5_s);
  EXPECT_EQ(twice.runtime_memory, 27.0_MB);
  EXPECT_EQ(twice.source, "poems-1");
  EXPECT_EQ(twice.measured, 100);
}

TEST(Fit, ReplacesTheTablesThatABenchMeasuredAgain) {
  Coefficients known = fixture::steady(1e9, 1e9);
  Plan plan;
  plan.workload.kind = WorkloadKind::bench;
  Record kernel, collective;
  kernel.event = Event::kernel;
  kernel.kernel = KernelTime{"gemm", Precision::fp32, 1, 1, 100, 100, 100, 5.0_ms};
  collective.event = Event::collective;
  collective.collective = CollectiveTime{"all_reduce", 2, 1, 1.0_MB, 2.0_ms};
  size_t before = known.kernels.size();

  Coefficients fitted = fit(known, plan, {kernel, collective});

  EXPECT_EQ(fitted.kernels.size(), before - 2 + 1);
  EXPECT_EQ(fitted.kernels.back().time, 5.0_ms);
  ASSERT_EQ(fitted.collectives.size(), 1u);
  EXPECT_EQ(fitted.collectives[0].time, 2.0_ms);
}

}  // namespace
}  // namespace heliu::cost
