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

// The intervals that Daly prints with his simulations (captions of figures 3 to 5).
TEST(Goodput, HasDalysIntervals) {
  auto minutes = [](double between_failures) {
    return goodput(Seconds::of(60 * between_failures), Seconds::of(300), Seconds::of(600))
               .interval.base() /
           60;
  };

  EXPECT_NEAR(minutes(24 * 60), 117, 0.5);
  EXPECT_NEAR(minutes(6 * 60), 57, 0.5);
  EXPECT_NEAR(minutes(15), 9.1, 0.05);
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

// 54 days on 2,048 nodes of 8 H100 (arXiv 2407.21783, section 3.3.4; evidence/faults.csv).
Goodput of_llama3(int interruptions, Seconds detection, Seconds restart) {
  Failures failures;
  failures.node_mtbf = 2048 * Seconds::of(54.0 * 86400 / interruptions);
  failures.detection = detection;
  failures.restart = restart;
  Model model{.family = ModelFamily::llama,
              .layers = 126,
              .hidden = 16384,
              .heads = 128,
              .kv_heads = 8,
              .sequence = 8192,
              .feed_forward = 53248,
              .vocabulary = 128256};
  return goodput(failures, model, 2048);
}

// More than 90 % was published. The table of docs/models/energy-and-goodput.md.
TEST(Goodput, KeepsOverNineTenthsOfLlama3sTime) {
  Seconds detection = Seconds::of(60), restart = Seconds::of(300);  // as pools have them

  EXPECT_NEAR(of_llama3(419, detection, restart).time_between_failures.base() / 3600, 3.09, 0.01);
  EXPECT_NEAR(of_llama3(419, detection, restart).share, 0.953, 0.0005);
  EXPECT_NEAR(of_llama3(466, detection, restart).share, 0.949, 0.0005);
  EXPECT_NEAR(of_llama3(419, Seconds::of(120), Seconds::of(480)).share, 0.933, 0.0005);
  EXPECT_NEAR(of_llama3(419, Seconds::of(120), Seconds::of(900)).share, 0.898, 0.0005);
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
