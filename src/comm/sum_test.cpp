#include "comm/sum.h"

#include <gtest/gtest.h>

#include <vector>

namespace heliu::comm {
namespace {

TEST(SumInOrder, AddsFromLeftToRight) {
  // 1e8 + 3 is 1e8 in f32 (neighbours are 8 apart), so only left to right gives 3.
  std::vector<float> a{1e8f}, b{3.f}, c{-1e8f}, d{3.f}, sum{0};
  std::vector<const float*> inputs{a.data(), b.data(), c.data(), d.data()};

  sum_in_order(inputs, 1, sum.data());

  EXPECT_EQ(sum[0], 3.f);
}

TEST(SumInOrder, MayWriteOverAnyOfItsInputs) {
  for (size_t place = 0; place < 3; ++place) {
    std::vector<std::vector<double>> ranks(3, std::vector<double>(5001));
    for (size_t i = 0; i < 5001; ++i)
      for (size_t r = 0; r < 3; ++r) ranks[r][i] = double(i * (r + 1));
    std::vector<const double*> inputs{ranks[0].data(), ranks[1].data(), ranks[2].data()};

    sum_in_order(inputs, 5001, ranks[place].data());

    // i + 2 i + 3 i
    for (size_t i = 0; i < 5001; ++i) ASSERT_EQ(ranks[place][i], 6. * double(i));
  }
}

}  // namespace
}  // namespace heliu::comm
