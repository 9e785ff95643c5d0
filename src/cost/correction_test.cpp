#include "cost/correction.h"

#include <gtest/gtest.h>

namespace heliu::cost {
namespace {

constexpr auto gemm = OperationClass::gemm;
constexpr Precision fp32 = Precision::fp32, bf16 = Precision::bf16;

TEST(Correction, OfALayoutThatRanIsItsOwn) {
  Coefficients known;
  known.corrections = {{gemm, fp32, 1, 1, 1.5, 3}, {gemm, fp32, 2, 1, 2.0, 1}};

  Known found = correction(known, gemm, fp32, 1, 1);

  EXPECT_EQ(found.factor, 1.5);
  EXPECT_EQ(found.runs, 3);
}

TEST(Correction, OfANewLayoutIsTheGeometricMeanOfItsPrecision) {
  Coefficients known;
  known.corrections = {{gemm, fp32, 1, 1, 1.0, 3},
                       {gemm, fp32, 2, 1, 4.0, 1},
                       {gemm, bf16, 1, 1, 3.0, 1},
                       {OperationClass::loss, fp32, 1, 1, 5.0, 1}};

  EXPECT_DOUBLE_EQ(correction(known, gemm, fp32, 4, 1).factor, 2.0);
  EXPECT_DOUBLE_EQ(correction(known, gemm, bf16, 4, 1).factor, 3.0);
  EXPECT_EQ(correction(known, gemm, fp32, 4, 1).runs, 0);
  EXPECT_EQ(correction(known, OperationClass::attention, fp32, 1, 1).factor, 1);
}

TEST(HalfBand, ShrinksWithRunsTowardsEightPercent) {
  EXPECT_DOUBLE_EQ(half_band(0, false), 0.25);
  EXPECT_DOUBLE_EQ(half_band(1, false), 0.165);
  EXPECT_NEAR(half_band(100, false), 0.08, 0.002);
  EXPECT_DOUBLE_EQ(half_band(0, true), 0.5);
}

}  // namespace
}  // namespace heliu::cost
