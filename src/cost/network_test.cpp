#include "cost/network.h"

#include <gtest/gtest.h>

#include "cost/cluster_fixture.h"

namespace heliu::cost {
namespace {

// 8 devices of 100 GB/s to a node, 10 GB/s from node to node, no latency.
const Machine plain = fixture::round_machine();

Machine late() {
  Machine m = plain;
  m.link_latency = 10e-6;
  m.network_latency = 20e-6;
  return m;
}

TEST(AllReduce, InOneDomainSendsTwiceAllButOneShare) {
  // 8 ranks, 1 GB: 2 x 7/8 GB at 100 GB/s.
  EXPECT_DOUBLE_EQ(all_reduce_time(plain, {8, 1}, 1e9), 0.0175);
}

TEST(AllReduce, OfOneRankOrOfNothingTakesNoTime) {
  EXPECT_EQ(all_reduce_time(late(), {1, 1}, 1e9), 0);
  EXPECT_EQ(all_reduce_time(late(), {8, 1}, 0), 0);
  EXPECT_EQ(all_gather_time(late(), {1, 1}, 1e9), 0);
  EXPECT_EQ(all_to_all_time(late(), {1, 1}, 1e9), 0);
}

TEST(AllGather, IsHalfAnAllReduce) {
  EXPECT_DOUBLE_EQ(all_gather_time(plain, {8, 1}, 1e9), 0.00875);
  EXPECT_DOUBLE_EQ(reduce_scatter_time(plain, {8, 1}, 1e9), 0.00875);
}

TEST(AllReduce, OverTwoLevelsUsesTheNetworkLinksOfAllRanksInADomain) {
  // 32 ranks side by side: 8 in each of 4 domains, so min(100, 8 x 10) GB/s.
  EXPECT_DOUBLE_EQ(all_reduce_time(plain, {32, 1}, 1e9), 2 * 31.0 / 32 / 80);
}

TEST(AllReduce, NeverUsesMoreThanTheLinkOfADomain) {
  Machine fast = plain;
  fast.network = 50e9;  // 8 x 50 GB/s: more than a device's own 100 GB/s

  EXPECT_DOUBLE_EQ(all_reduce_time(fast, {32, 1}, 1e9), 2 * 31.0 / 32 / 100);
}

TEST(AllReduce, OfRanksADomainApartHasOneNetworkLink) {
  EXPECT_DOUBLE_EQ(all_reduce_time(plain, {4, 8}, 1e9), 2 * 3.0 / 4 / 10);
}

TEST(AllReduce, OfRanksFourApartHasTwoInADomain) {
  EXPECT_EQ(inside(plain, {8, 4}), 2);
  EXPECT_DOUBLE_EQ(all_reduce_time(plain, {8, 4}, 1e9), 2 * 7.0 / 8 / 20);
}

TEST(Collectives, OfLittleTakeLongerTheLargerTheTeam) {
  Machine m = late();
  double reduce = 0, gather = 0, exchange = 0;
  for (double size : {2, 4, 8, 16, 32}) {
    EXPECT_GT(all_reduce_time(m, {size, 1}, 1e3), reduce);
    EXPECT_GE(all_gather_time(m, {size, 1}, 1e3), gather);
    EXPECT_GE(all_to_all_time(m, {size, 1}, 1e3), exchange);
    reduce = all_reduce_time(m, {size, 1}, 1e3);
    gather = all_gather_time(m, {size, 1}, 1e3);
    exchange = all_to_all_time(m, {size, 1}, 1e3);
  }
}

TEST(Collectives, OfMuchTakeAtLeastTheTimeOfTheirBytes) {
  EXPECT_GT(all_reduce_time(late(), {32, 1}, 1e9), all_reduce_time(plain, {32, 1}, 1e9));
  EXPECT_NEAR(all_reduce_time(late(), {32, 1}, 1e11) / all_reduce_time(plain, {32, 1}, 1e11), 1,
              0.001);
}

TEST(AllToAll, SendsEachRankItsShare) {
  // 8 ranks in a domain: 7/8 GB at 100 GB/s.
  EXPECT_DOUBLE_EQ(all_to_all_time(plain, {8, 1}, 1e9), 0.00875);
  // 32 in 4 domains: 24/32 GB at 10 GB/s; the 7/32 GB inside go at the same time.
  EXPECT_DOUBLE_EQ(all_to_all_time(plain, {32, 1}, 1e9), 0.075);
}

TEST(AllReduce, IsNeverSlowerWhereSwitchesAdd) {
  Machine adds = late();
  adds.link_reduces = adds.network_reduces = true;

  for (double size : {2, 3, 8, 16, 32})
    for (double stride : {1, 2, 8})
      for (double bytes : {1e3, 1e6, 1e9})
        EXPECT_LE(all_reduce_time(adds, {size, stride}, bytes),
                  all_reduce_time(late(), {size, stride}, bytes));
  EXPECT_LT(all_reduce_time(adds, {8, 1}, 1e9), 0.8 * all_reduce_time(late(), {8, 1}, 1e9));
}

TEST(Send, TakesTheLinkInsideADomainAndTheNetworkBeyond) {
  EXPECT_DOUBLE_EQ(send_time(late(), 4, 1e9), 0.01 + 10e-6);
  EXPECT_DOUBLE_EQ(send_time(late(), 8, 1e9), 0.1 + 20e-6);
}

}  // namespace
}  // namespace heliu::cost
