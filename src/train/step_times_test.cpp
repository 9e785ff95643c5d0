#include "train/step_times.h"

#include <gtest/gtest.h>

#include "train/generate.h"
#include "train/seat.h"

namespace heliu::train {
namespace {

device::Meter parts(double gemm, double loss) {
  device::Meter meter{};
  meter[size_t(OperationClass::gemm)] = gemm;
  meter[size_t(OperationClass::loss)] = loss;
  return meter;
}

TEST(StepTimes, TheMedianForgetsTheFirstSteps) {
  StepTimes times;
  for (double seconds : {9.0, 8.0, 7.0, 1.0, 2.0, 3.0, 4.0, 5.0}) times.add(seconds, {});

  EXPECT_DOUBLE_EQ(times.median().base(), 3);
}

TEST(StepTimes, TheBreakdownSumsToTheMedianAndLeavesDisturbedStepsOut) {
  StepTimes times;
  for (int i = 0; i < 10; ++i) times.add(2, parts(1, 0.5));
  times.add(40, parts(39, 0.5));

  auto breakdown = times.breakdown();

  double sum = 0;
  for (const ClassTime& part : breakdown) sum += part.time.base();
  EXPECT_NEAR(sum, 2, 1e-12);
  EXPECT_NEAR(breakdown[size_t(OperationClass::gemm)].time.base(), 1, 1e-12);
  EXPECT_NEAR(breakdown[size_t(OperationClass::other)].time.base(), 0.5, 1e-12);
}

TEST(Coordinates, TensorNeighboursStandSideBySide) {
  Parallel parallel{.dp = 2, .tp = 2, .pp = 2};

  EXPECT_EQ(coordinates(parallel, 1).tp, 1);
  EXPECT_EQ(coordinates(parallel, 2).dp, 1);
  EXPECT_EQ(coordinates(parallel, 4).pp, 1);
}

TEST(Draw, TheLikeliestComesFirstAndTheRestNever) {
  std::vector<float> logits{0, 10, 5, -100};

  EXPECT_EQ(draw(logits, {.temperature = 1, .best = 1}, 0.999), 1);
  EXPECT_EQ(draw(logits, {.temperature = 1, .best = 4}, 0.0), 1);
  EXPECT_EQ(draw(logits, {.temperature = 100, .best = 2}, 0.999), 2);
}

}  // namespace
}  // namespace heliu::train
