#include "cost/goodput.h"

#include <gtest/gtest.h>

#include <cmath>

namespace heliu::cost {
namespace {

TEST(Goodput, FollowsYoungWhereCheckpointsAreShort) {
  // sqrt(2 x 1 s x 20,000 s) = 200 s.
  Goodput g = goodput(Seconds::of(20000), Seconds::of(1), Seconds{});

  EXPECT_NEAR(g.interval.base(), 200, 1);
  // Half an interval and a checkpoint are lost per interval and failure: 1 - 1/200 - 100/20000.
  EXPECT_NEAR(g.share, 1 - 0.005 - 0.005, 2e-4);
}

TEST(Goodput, IsBestAtItsInterval) {
  double m = 7200, d = 120;
  Goodput best = goodput(Seconds::of(m), Seconds::of(d), Seconds::of(300));

  auto share = [&](double interval) {
    return interval / (m * std::exp(300 / m) * std::expm1((interval + d) / m));
  };
  EXPECT_GE(best.share * (1 + 1e-3), share(best.interval.base() * 1.1));
  EXPECT_GE(best.share * (1 + 1e-3), share(best.interval.base() * 0.9));
}

TEST(Goodput, KeepsOverNineTenthsOfLlama3sTime) {
  // 419 interruptions in 54 days on 2,048 nodes of 8 H100 (arXiv 2407.21783, section 3.3.4).
  Seconds between = Seconds::of(54.0 * 86400 / 419);
  EXPECT_NEAR(between.base() / 3600, 3.09, 0.01);

  Failures failures;
  failures.node_mtbf = 2048 * between;
  failures.detection = Seconds::of(120);
  failures.restart = Seconds::of(480);
  Model model{.family = ModelFamily::llama,
              .layers = 126,
              .hidden = 16384,
              .heads = 128,
              .kv_heads = 8,
              .sequence = 8192,
              .feed_forward = 53248,
              .vocabulary = 128256};
  Goodput g = goodput(failures, model, 2048);

  EXPECT_NEAR(g.time_between_failures.base(), between.base(), 1);
  EXPECT_GT(g.share, 0.90);
  EXPECT_LT(g.share, 0.96);
}

TEST(Goodput, FallsWithMoreNodesAndIsWholeWithoutFailures) {
  Failures failures;
  Model model{.layers = 12, .hidden = 768, .heads = 12, .sequence = 1024, .vocabulary = 50257};
  EXPECT_EQ(goodput(failures, model, 64).share, 1);

  failures.node_mtbf = Seconds::of(40000 * 3600.0);
  EXPECT_LT(goodput(failures, model, 1024).share, goodput(failures, model, 64).share);
}

}  // namespace
}  // namespace heliu::cost
