#include "base/random.h"

#include <gtest/gtest.h>

namespace heliu {
namespace {

TEST(Random, NormalHasMeanZeroAndDeviationOne) {
  const int n = 200000;
  double sum = 0, squares = 0;
  for (uint64_t i = 0; i < n; ++i) {
    double x = random_normal(7, i);
    sum += x;
    squares += x * x;
  }

  EXPECT_NEAR(sum / n, 0, 4 / std::sqrt(n));
  EXPECT_NEAR(squares / n, 1, 4 * std::sqrt(2.0 / n));
}

TEST(Random, StreamsOfDifferentSeedsAreUncorrelated) {
  const int n = 100000;
  double product = 0;
  for (uint64_t i = 0; i < n; ++i) product += random_normal(1, i) * random_normal(2, i);

  EXPECT_NEAR(product / n, 0, 4 / std::sqrt(n));
}

}  // namespace
}  // namespace heliu
