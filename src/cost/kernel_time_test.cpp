#include "cost/kernel_time.h"

#include <gtest/gtest.h>

namespace heliu::cost {
namespace {

constexpr Precision fp32 = Precision::fp32, bf16 = Precision::bf16;

KernelTime measured(std::string kernel, Precision precision, int64_t m, int64_t n, int64_t k,
                    double seconds, int ranks = 1, int threads = 1) {
  return {kernel, precision, ranks, threads, m, n, k, Seconds::of(seconds)};
}

Call gemm(int64_t m, int64_t n, int64_t k) { return {"gemm", OperationClass::gemm, m, n, k}; }

// Multiply-adds at 1 G/s for cubes of 100, 2 G/s for cubes of 1000.
std::vector<KernelTime> two_cubes() {
  return {measured("gemm", fp32, 100, 100, 100, 1e-3),
          measured("gemm", fp32, 1000, 1000, 1000, 0.5)};
}

TEST(KernelTime, IsTheMeasurementAtAMeasuredShape) {
  std::vector<KernelTime> table;
  for (int64_t m : {1, 16, 256, 1000})
    for (int64_t n : {64, 384, 1536})
      table.push_back(measured("gemm", fp32, m, n, 384, 1e-6 * double(m + 3 * n)));

  KernelTimes times(table);

  for (const KernelTime& one : table) {
    auto estimate = times.time(gemm(one.m, one.n, one.k), fp32, {1, 1});
    EXPECT_NEAR(estimate->time / one.time, 1, 1e-12) << one.m << "x" << one.n;
    EXPECT_FALSE(estimate->extrapolated);
  }
}

TEST(KernelTime, IsAPowerLawBetweenTwoMeasurements) {
  KernelTimes times(two_cubes());

  // Half-way in logarithms the rate is the geometric mean, sqrt(2) G/s.
  int64_t side = 316;
  auto estimate = times.time(gemm(side, side, side), fp32, {1, 1});

  EXPECT_NEAR(estimate->time.base(), double(side * side * side) / 1.41421e9,
              1e-3 * estimate->time.base());
  EXPECT_FALSE(estimate->extrapolated);
}

TEST(KernelTime, GrowsWithTheSizeBetweenMeasurements) {
  std::vector<KernelTime> table;
  for (int64_t n = 128; n <= 8192; n *= 2)
    table.push_back(measured("gelu", fp32, 256, n, 1, 1e-9 * 256 * double(n) * (n > 1000 ? 3 : 1)));
  KernelTimes times(table);

  Seconds last;
  for (int64_t n = 128; n <= 8192; n += 16) {
    Seconds time = times.time({"gelu", OperationClass::elementwise, 256, n}, fp32, {1, 1})->time;
    EXPECT_GT(time, last) << n;
    last = time;
  }
}

TEST(KernelTime, FarOutsideTheMeasuredShapesIsMarked) {
  KernelTimes times(two_cubes());

  EXPECT_FALSE(times.time(gemm(60, 100, 100), fp32, {1, 1})->extrapolated);
  EXPECT_TRUE(times.time(gemm(10, 100, 100), fp32, {1, 1})->extrapolated);
  EXPECT_TRUE(times.time(gemm(1000, 1000, 5000), fp32, {1, 1})->extrapolated);
}

TEST(KernelTime, OfALayoutThatNeverRanScalesTheNearestByItsThreads) {
  auto table = two_cubes();
  table.push_back(measured("gemm", fp32, 100, 100, 100, 1e-4, 1, 8));

  auto two = KernelTimes(table).time(gemm(100, 100, 100), fp32, {1, 2});
  auto four = KernelTimes(table).time(gemm(100, 100, 100), fp32, {1, 4});

  EXPECT_NEAR(two->time.base(), 1e-3 / 2, 1e-12);
  EXPECT_NEAR(four->time.base(), 1e-4 * 2, 1e-12);
  EXPECT_TRUE(two->extrapolated && four->extrapolated);
}

TEST(KernelTime, OfAnUnmeasuredPrecisionIsThatOfTheOtherOne) {
  auto estimate = KernelTimes(two_cubes()).time(gemm(100, 100, 100), bf16, {1, 1});

  EXPECT_NEAR(estimate->time.base(), 1e-3, 1e-12);
  EXPECT_TRUE(estimate->extrapolated);
}

TEST(KernelTime, OfAnUnmeasuredProductComesFromThePlainOne) {
  KernelTimes times(two_cubes());

  auto transposed = times.time({"gemm_tn", OperationClass::gemm, 100, 100, 100}, fp32, {1, 1});
  auto attention =
      times.time({"attention", OperationClass::attention, 100, 100, 100}, fp32, {1, 1});

  EXPECT_NEAR(transposed->time.base(), 1e-3, 1e-12);
  EXPECT_NEAR(attention->time.base(), 4e-3, 1e-12);
  EXPECT_TRUE(transposed->extrapolated && attention->extrapolated);
}

TEST(KernelTime, OfAnUnmeasuredElementwiseKernelIsItsMemoryTraffic) {
  // 1e6 elements in 1.2 ms: 10 GB/s.
  KernelTimes times({measured("triad", fp32, 1000, 1, 1, 1e-7),
                     measured("triad", fp32, 1000000, 1, 1, 1.2e-3),
                     measured("empty", fp32, 1, 1, 1, 2e-6)});

  EXPECT_NEAR(times.memory_bandwidth({1, 1})->in(1.0_GBps), 10, 1e-9);
  auto gelu = times.time({"gelu", OperationClass::elementwise, 1000, 1000}, fp32, {1, 1});
  EXPECT_NEAR(gelu->time.base(), 8e6 / 10e9, 1e-9);  // reads 4 and writes 4 bytes an element
  auto small = times.time({"gelu", OperationClass::elementwise, 1, 1}, fp32, {1, 1});
  EXPECT_NEAR(small->time.base(), 2e-6, 1e-15);  // nothing is faster than a call
}

TEST(MemoryBandwidth, OfMoreRanksThanMeasuredIsShared) {
  KernelTimes times({measured("triad", fp32, 1000000, 1, 1, 1.2e-3, 2, 1)});

  EXPECT_NEAR(times.memory_bandwidth({4, 1})->in(1.0_GBps), 5, 1e-9);
  EXPECT_NEAR(times.memory_bandwidth({1, 1})->in(1.0_GBps), 10, 1e-9);
}

TEST(KernelTime, OfAnOptimizerDoesNotCareHowItsArrayIsShaped) {
  KernelTimes times(
      {measured("adamw", fp32, 1, 1000, 1, 1e-5), measured("adamw", fp32, 1, 1000000, 1, 2e-2)});

  auto estimate = times.time({"adamw", OperationClass::optimizer, 1000, 1}, fp32, {1, 1});

  EXPECT_NEAR(estimate->time.base(), 1e-5, 1e-15);
  EXPECT_FALSE(estimate->extrapolated);
}

TEST(KernelTime, IsUnknownWhereNothingWasMeasured) {
  EXPECT_FALSE(KernelTimes({}).time(gemm(1, 1, 1), fp32, {1, 1}));
  EXPECT_FALSE(
      KernelTimes(two_cubes()).time({"gelu", OperationClass::elementwise, 9, 9}, fp32, {1, 1}));
  EXPECT_FALSE(
      KernelTimes({measured("gemm", fp32, 10, 10, 10, 0)}).time(gemm(10, 10, 10), fp32, {1, 1}));
}

TEST(KernelTime, IsTheSameHoweverTheTableIsOrdered) {
  auto table = two_cubes();
  table.push_back(measured("gemm", fp32, 50, 400, 20, 3e-4));
  table.push_back(measured("gemm", fp32, 50, 400, 20, 5e-4));
  std::vector<KernelTime> reversed(table.rbegin(), table.rend());

  EXPECT_EQ(KernelTimes(table).time(gemm(70, 80, 90), fp32, {1, 1})->time,
            KernelTimes(reversed).time(gemm(70, 80, 90), fp32, {1, 1})->time);
}

}  // namespace
}  // namespace heliu::cost
