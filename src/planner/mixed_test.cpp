#include "planner/mixed.h"

#include <gtest/gtest.h>

#include <numeric>

#include "planner/cross_pipeline.h"
#include "planner/fixture.h"
#include "planner/wan.h"

namespace heliu::planner {
namespace {

using fixture::island;
using fixture::llama_8b;

Pool two_centers(double gigabits) {
  Pool pool = fixture::pool({island("h100", "h100", 4, 20)});
  Center far;
  far.name = "far";
  far.islands = {island("a100", "a100", 8, 14)};
  pool.centers.push_back(far);
  pool.links = {{{"site", "far"}, Bandwidth::of(gigabits * 1e9 / 8), 20.0_ms, {}}};
  return pool;
}

std::vector<MixedPlan> mixed(const Pool& pool) {
  auto found =
      search_mixed(pool, fixture::workload(llama_8b(), 512, 1000), fixture::catalog(), {}, {});
  EXPECT_TRUE(found);
  return found ? *found : std::vector<MixedPlan>{};
}

const MixedPlan* of_kind(const std::vector<MixedPlan>& all, MixedKind kind) {
  for (const MixedPlan& one : all)
    if (one.kind == kind) return &one;
  return nullptr;
}

TEST(Shares, AreProportionalWholeAndComplete) {
  EXPECT_EQ(shares_by_speed({3, 1}, 8), (std::vector<int64_t>{6, 2}));
  EXPECT_EQ(shares_by_speed({1, 1, 1}, 8), (std::vector<int64_t>{3, 3, 2}));
  EXPECT_EQ(shares_by_speed({1000, 1, 1}, 4), (std::vector<int64_t>{2, 1, 1}));
  EXPECT_TRUE(shares_by_speed({1, 1, 1}, 2).empty());
}

TEST(Layers, GoToTheFasterStages) {
  // 2 and 1 seconds a layer: 4 x 2 = 8 x 1.
  EXPECT_EQ(balance_layers({{0, 2, 20}, {0, 1, 20}}, 12), (std::vector<int64_t>{4, 8}));
  // The last stage has a head worth 3 layers: 23 over 3 stages is 8 at best.
  auto split = balance_layers({{0, 1, 20}, {0, 1, 20}, {3, 1, 20}}, 20);
  ASSERT_EQ(split.size(), 3u);
  EXPECT_EQ(std::accumulate(split.begin(), split.end(), int64_t(0)), 20);
  EXPECT_EQ(std::max({split[0], split[1], split[2] + 3}), 8);
  // Memory for 3 layers a stage is not enough for 8.
  EXPECT_TRUE(balance_layers({{0, 1, 3}, {0, 1, 3}}, 8).empty());
}

TEST(Way, IsTheWidestAndAddsLatencies) {
  Pool pool = two_centers(8);
  Center third;
  third.name = "third";
  third.islands = {island("b", "a100", 8)};
  pool.centers.push_back(third);
  pool.links.push_back({{"far", "third"}, 4.0_GBps, 5.0_ms, {}});

  auto way = way_between(pool, "site/h100", "third/b");

  ASSERT_TRUE(way);
  EXPECT_EQ(way->bandwidth, 1.0_GBps);
  EXPECT_NEAR(way->latency.base(), 0.025, 1e-12);
  pool.links.clear();
  EXPECT_FALSE(way_between(pool, "site/h100", "third/b"));
}

TEST(Mixed, SharesOfTheBatchSumToIt) {
  auto all = mixed(two_centers(400));
  const MixedPlan* data = of_kind(all, MixedKind::data);
  ASSERT_TRUE(data);

  int64_t sum = 0;
  for (const Share& share : data->plan.shares) {
    sum += share.global_batch;
    EXPECT_EQ(share.parallel.dp * share.micro_batch * share.accumulation, share.global_batch);
  }
  EXPECT_EQ(sum, 512);
  EXPECT_EQ(data->plan.outer_steps, 0);
  EXPECT_GT(data->gain, 0.2);  // 50 GB/s between them: worth it
}

TEST(Mixed, AThinLinkMakesSynchronousStepsSlowAndAveragingCheap) {
  auto thin = mixed(two_centers(1));
  const MixedPlan* data = of_kind(thin, MixedKind::data);
  const MixedPlan* averaged = of_kind(thin, MixedKind::averaged);
  ASSERT_TRUE(data && averaged);

  EXPECT_LT(data->gain, 0);
  EXPECT_GT(averaged->plan.outer_steps, 1);
  EXPECT_LT(averaged->crossing, data->crossing);
  EXPECT_LT(averaged->plan.forecast.step_time, data->plan.forecast.step_time);
}

TEST(Mixed, APipelineGivesEveryLayerToOneIsland) {
  auto all = mixed(two_centers(400));
  const MixedPlan* pipeline = of_kind(all, MixedKind::pipeline);
  ASSERT_TRUE(pipeline);

  ASSERT_EQ(pipeline->plan.shares.size(), 2u);
  EXPECT_EQ(pipeline->plan.shares[0].layers + pipeline->plan.shares[1].layers, 32);
  EXPECT_EQ(pipeline->plan.shares[0].parallel.dp, pipeline->plan.shares[1].parallel.dp);
}

TEST(Mixed, MoreBandwidthBetweenCentersNeverSlowsAnyKind) {
  auto thin = mixed(two_centers(10)), wide = mixed(two_centers(100));

  for (MixedKind kind : {MixedKind::data, MixedKind::averaged, MixedKind::pipeline}) {
    const MixedPlan *a = of_kind(thin, kind), *b = of_kind(wide, kind);
    ASSERT_TRUE(a && b);
    if (kind == MixedKind::averaged) continue;  // it averages more often where it can
    EXPECT_LE(b->plan.forecast.step_time, a->plan.forecast.step_time);
  }
}

// Two equal islands and a way between them that costs nothing are one island of twice the size: the
// step must be the estimator's for the same layout there. What is left of a difference is that
// layers are balanced here, and evenly spread there.
void expect_agreement(const Model& model, double slower, double faster) {
  Workload work = fixture::workload(model, 256, 100);
  auto venue = [&](int nodes) {
    Pool pool = fixture::pool({island("h100", "h100", nodes)});
    return *venue_of(pool, "site/h100", work, fixture::catalog(), {}, {});
  };
  Venue half = venue(16), whole = venue(32);

  auto cross = cross_pipeline(half, half, {Bandwidth::of(1e18), Seconds{}});

  ASSERT_TRUE(cross);
  const Plan& plan = cross->plan;
  ASSERT_EQ(plan.shares[0].parallel, plan.shares[1].parallel);
  double one = estimate(*whole.quest, {layout_of(plan), 256, 0, {}}).step;
  EXPECT_LT(plan.forecast.step_time.base() / one, 1 + slower) << summary(plan);
  EXPECT_GT(plan.forecast.step_time.base() / one, 1 - faster) << summary(plan);
  Seconds sum;
  for (const ClassTime& part : plan.forecast.breakdown) sum += part.time;
  EXPECT_NEAR(sum / plan.forecast.step_time, 1, 1e-9);
}

TEST(Mixed, APipelineOverEqualIslandsIsThatOfOneIsland) {
  expect_agreement(fixture::gpt3(), 0.01, 0.01);
}

// Its first three layers have no experts and its last stage predicts a further token, so that
// balance pays.
TEST(Mixed, APipelineOfExpertsOverEqualIslandsIsThatOfOneIsland) {
  expect_agreement(fixture::deepseek_v3(), 0.01, 0.1);
}

}  // namespace
}  // namespace heliu::planner
