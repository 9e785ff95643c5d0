#include "cost/matmul.h"

#include <gtest/gtest.h>

#include "cost/cluster_fixture.h"

namespace heliu::cost {
namespace {

constexpr auto bf16 = Precision::bf16;

Machine chip() {
  Machine m = fixture::round_machine();
  m.area = 1.5e6;
  m.depth = 170;
  return m;
}

TEST(MatmulTime, OfALargeProductApproachesThePeak) {
  Product large{65536, 65536, 65536};

  double time = matmul_time(chip(), large, bf16);

  EXPECT_NEAR(time / (2.0 * 65536 * 65536 * 65536 / 100e12), 1, 0.005);
}

TEST(MatmulTime, OfASkinnyProductIsThatOfReadingItsWeights) {
  Product one_row{1, 8192, 8192};

  double time = matmul_time(chip(), one_row, bf16);

  EXPECT_GE(time, 2.0 * 8192 * 8192 / 1e12);
  EXPECT_LT(time, 2 * 2.0 * 8192 * 8192 / 1e12 + 2 * 8362 * 1.5e6 / 100e12);
}

TEST(MatmulTime, OfNoInnerDimensionIsThatOfItsTraffic) {
  Machine m = fixture::round_machine();
  Product outer{4096, 4096, 8};

  double bytes = 2.0 * (4096 * 8 + 8 * 4096) + 2.0 * 4096 * 4096;

  EXPECT_DOUBLE_EQ(matmul_time(m, outer, bf16), bytes / 1e12);
}

TEST(MatmulTime, IsNeverBelowPeakOrBandwidth) {
  for (double m : {1, 7, 64, 1000, 8192})
    for (double n : {8, 100, 4096})
      for (double k : {8, 513, 16384})
        for (double count : {1, 16}) {
          Product p{m, n, k, count};
          EXPECT_GE(matmul_time(chip(), p, bf16), p.operations() / 100e12);
          EXPECT_GE(matmul_time(chip(), p, bf16), 2 * count * (m * k + k * n + m * n) / 1e12);
        }
}

TEST(MatmulTime, OfRowsThatAreNotWhole16BytesIsTwiceAsLong) {
  Product aligned{8192, 4096, 4096}, odd{8192, 4096, 4097};

  double ratio = matmul_time(chip(), odd, bf16) / matmul_time(chip(), aligned, bf16);

  EXPECT_NEAR(ratio, 2 * 4267.0 / 4266, 1e-9);
}

TEST(MatmulTime, NeedsLongerRowsForNarrowerNumbers) {
  Product by_eight{8192, 4096, 4104};  // 8 x 513: whole 16 bytes in 16 bits, not in 8

  EXPECT_NEAR(matmul_time(chip(), by_eight, Precision::fp8) / matmul_time(chip(), by_eight, bf16),
              2, 1e-9);
}

TEST(MatmulTime, LosesLessOfTheChipTheLargerTheResult) {
  double worst = 0;
  for (double n : {128, 256, 512, 1024, 2048, 4096, 8192}) {
    Product p{n, n, 8192};
    double share = p.operations() / 100e12 / matmul_time(chip(), p, bf16);
    EXPECT_GT(share, worst);
    worst = share;
  }
}

TEST(MatmulTime, OfAGroupIsAtMostThatOfItsMembersOneByOne) {
  Product group{512, 4096, 4096, 16}, one{512, 4096, 4096};

  EXPECT_LE(matmul_time(chip(), group, bf16), 16 * matmul_time(chip(), one, bf16));
}

}  // namespace
}  // namespace heliu::cost
