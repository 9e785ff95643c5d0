#include "cost/collective_time.h"

#include <gtest/gtest.h>

#include "cost/communication.h"

namespace heliu::cost {
namespace {

CollectiveTime measured(double bytes, double seconds, int ranks = 2, int threads = 1) {
  return {"all_reduce", ranks, threads, Bytes::of(bytes), Seconds::of(seconds)};
}

TEST(Ring, AllReduceApproachesTwicePayloadOverBandwidthAsRanksGrow) {
  Link no_latency{450.0_GBps, {}};

  Seconds time = ring_all_reduce(1.0_GB, 1024, no_latency);

  EXPECT_NEAR(time / (2 * 1.0_GB / 450.0_GBps), 1.0, 0.001);
}

TEST(Ring, OperationsOfFourRanksAreAsByHand) {
  Link link{1.0_GBps, 1.0_us};

  EXPECT_NEAR(ring_all_reduce(4.0_MB, 4, link).in(1.0_us), 6 + 6000, 1e-6);
  EXPECT_NEAR(ring_all_gather(4.0_MB, 4, link).in(1.0_us), 3 + 3000, 1e-6);
  EXPECT_NEAR(ring_reduce_scatter(4.0_MB, 4, link).in(1.0_us), 3 + 3000, 1e-6);
  EXPECT_NEAR(pairwise_all_to_all(4.0_MB, 4, link).in(1.0_us), 3 + 3000, 1e-6);
  EXPECT_NEAR(broadcast(4.0_MB, 4, link).in(1.0_us), 5 + 6000, 1e-6);
  EXPECT_NEAR(send(4.0_MB, link).in(1.0_us), 1 + 4000, 1e-6);
}

TEST(CollectiveTime, IsLinearBetweenMeasuredPayloads) {
  CollectiveTimes times({measured(1000, 1e-6), measured(3000, 5e-6), measured(5000, 6e-6)});

  auto at = [&](double bytes) {
    return times.time("all_reduce", Bytes::of(bytes), {2, 1})->time.in(1.0_us);
  };

  EXPECT_NEAR(at(1000), 1, 1e-9);
  EXPECT_NEAR(at(2000), 3, 1e-9);
  EXPECT_NEAR(at(4000), 5.5, 1e-9);
  EXPECT_NEAR(at(10), 1, 1e-9);    // below: latency
  EXPECT_NEAR(at(9000), 8, 1e-9);  // above: the last slope, 0.5 us for 1000 bytes
}

TEST(CollectiveTime, OfOtherLayoutsIsAMarkedGuess) {
  CollectiveTimes times({measured(1000, 1e-6), measured(3000, 3e-6)});

  auto threads = times.time("all_reduce", Bytes::of(2000), {2, 4});
  auto ranks = times.time("all_reduce", Bytes::of(2000), {4, 1});

  EXPECT_NEAR(threads->time.in(1.0_us), 2, 1e-9);
  EXPECT_NEAR(ranks->time.in(1.0_us), 3, 1e-9);  // (3/4) over (1/2)
  EXPECT_TRUE(threads->extrapolated && ranks->extrapolated);
  EXPECT_FALSE(times.time("broadcast", Bytes::of(2000), {2, 1}));
}

TEST(Exposed, IsWhatTheBackwardCannotHide) {
  EXPECT_NEAR(exposed(10.0_ms, 8.0_ms, 4).in(1.0_ms), 4, 1e-9);    // 10 - 8 * 3/4
  EXPECT_NEAR(exposed(2.0_ms, 80.0_ms, 4).in(1.0_ms), 0.5, 1e-9);  // the last of four parts
  EXPECT_NEAR(exposed(10.0_ms, 8.0_ms, 1).in(1.0_ms), 10, 1e-9);
}

Island four_nodes() {
  Island island;
  island.name = "cpu";
  island.nodes = 4;
  island.node.processor.cores = 8;
  island.fabric = {.kind = FabricKind::ethernet, .bandwidth = 1.0_GBps, .latency = 10.0_us};
  return island;
}

Plan plan_of(Parallel parallel, int threads) {
  Plan plan;
  plan.parallel = parallel;
  plan.threads = threads;
  return plan;
}

TEST(Seating, FillsNodesInTheOrderOfRanks) {
  EXPECT_EQ(seat(four_nodes(), plan_of({4, 1, 1}, 2)).nodes, 1);
  EXPECT_EQ(seat(four_nodes(), plan_of({8, 1, 1}, 2)).nodes, 2);
  EXPECT_EQ(seat(four_nodes(), plan_of({8, 1, 1}, 2)).ranks_per_node, 4);
  EXPECT_EQ(seat(four_nodes(), plan_of({3, 1, 1}, 8)).nodes, 3);
}

TEST(Communication, OfGradientsBetweenNodesIsARingOverTheFabric) {
  Model model{
      .layers = 1, .hidden = 8, .heads = 2, .sequence = 4, .feed_forward = 32, .vocabulary = 10};

  auto talk = communication(four_nodes(), model, plan_of({4, 1, 1}, 8), KernelTimes({}),
                            CollectiveTimes({}));

  // 4000 bytes around four nodes: 6 latencies and 1.5 times the payload.
  EXPECT_NEAR(talk->gradients.in(1.0_us), 60 + 6, 1e-9);
  EXPECT_TRUE(talk->overlaps);
  EXPECT_EQ(talk->per_micro_batch, Seconds());
}

TEST(Communication, BetweenNodesNeedsAFabric) {
  Island island = four_nodes();
  island.fabric = {};
  Model model{
      .layers = 1, .hidden = 8, .heads = 2, .sequence = 4, .feed_forward = 32, .vocabulary = 10};

  auto talk =
      communication(island, model, plan_of({4, 1, 1}, 8), KernelTimes({}), CollectiveTimes({}));

  ASSERT_FALSE(talk);
  EXPECT_EQ(talk.error().kind, Error::Kind::infeasible);
}

}  // namespace
}  // namespace heliu::cost
