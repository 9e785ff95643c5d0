#include "planner/search.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cost/fixture.h"
#include "spec/document.h"

namespace heliu::planner {
namespace {

using cost::fixture::steady;

const Model poems{
    .layers = 6, .hidden = 384, .heads = 6, .sequence = 256, .feed_forward = 0, .vocabulary = 5000};

Pool pool_of(Island island) {
  Pool pool;
  pool.name = "here";
  pool.centers = {{.name = "host", .islands = {std::move(island)}}};
  return pool;
}

Pool two_cores(Bytes memory = 8.0_GB) { return pool_of(cost::fixture::island(2, memory)); }

Workload work(int64_t global_batch = 8) {
  return cost::fixture::workload(poems, global_batch, 100);
}

// Products at 50 G a second and thread; elementwise work is quick.
Coefficients known() { return steady(5e10, 1e10, {{1, 1}, {1, 2}, {2, 1}}); }

Result<Search> search_here(const Workload& workload, const Pool& pool = two_cores(),
                           const Abilities& abilities = {},
                           const Coefficients& coefficients = known()) {
  return search(pool, "host/cpu", workload, coefficients, abilities);
}

bool rejects(const Search& found, const std::string& reason) {
  for (const Rejection& one : found.rejected)
    if (one.reason == reason) return true;
  std::string all;
  for (const Rejection& one : found.rejected) all += "\n  " + one.reason;
  ADD_FAILURE() << "not among the reasons:" << all;
  return false;
}

TEST(Search, FindsEverySplitOfTwoCores) {
  auto found = search_here(work());

  // (1 thread dp1 | 1 thread dp2 | 2 threads dp1) x 2 precisions x divisors of 8, 4 and 8.
  ASSERT_TRUE(found);
  EXPECT_EQ(found->feasible, (4 + 3 + 4) * 2);
  EXPECT_EQ(found->plans.size(), 8u);
}

TEST(Search, RanksByTotalTime) {
  auto found = search_here(work());

  for (size_t i = 1; i < found->plans.size(); ++i)
    EXPECT_LE(found->plans[i - 1].forecast.total_time / found->plans[i].forecast.total_time,
              1 + 1e-6);
  const Plan& best = found->plans.front();
  EXPECT_EQ(best.parallel.dp * best.threads, 2);  // both cores
  EXPECT_EQ(best.place, "host/cpu");
  EXPECT_EQ(best.backend, "cpu");
  EXPECT_EQ(best.workload.train.steps, 100);
}

TEST(Search, KeepsTheGlobalBatchInEveryPlan) {
  auto found = search(two_cores(), "host/cpu", work(12), known(), {}, 1000);

  for (const Plan& plan : found->plans)
    EXPECT_EQ(plan.parallel.dp * plan.micro_batch * plan.accumulation, 12);
}

TEST(Search, SaysWhyPlansWereLeftOut) {
  auto found = search_here(work(9), pool_of(cost::fixture::island(4, 8.0_GB)));

  EXPECT_TRUE(rejects(*found, "global batch 9 is not divisible by dp 2, 4"));
  EXPECT_TRUE(
      rejects(*found, "heads 6, hidden 384 and feed-forward 1536 are not divisible by tp 4"));
  EXPECT_TRUE(rejects(*found, "tensor-parallel execution is not in this version: tp 2, 3"));
  EXPECT_TRUE(rejects(*found, "pipeline execution is not in this version: pp 2, 3, 4"));
}

TEST(Search, LeavesOutWhatDoesNotFitTheMemory) {
  Workload small = work();
  small.train.precision = PrecisionWish::fp32;

  auto found = search_here(small, two_cores(0.5_GB));

  // The smallest need of one rank: 12.6 M parameters x 16 B, and one sequence of activations.
  ASSERT_TRUE(found);
  int64_t by_memory = 0;
  for (const Rejection& one : found->rejected)
    if (one.reason.ends_with("of memory or more on a node, which has 500 MB"))
      by_memory = one.count;
  EXPECT_EQ(found->feasible + by_memory, 4 + 3 + 4);
  EXPECT_GT(by_memory, 0);
  for (const Plan& plan : found->plans)
    EXPECT_LE(plan.forecast.memory * double(ranks_of(plan.parallel)), 0.5_GB);
}

TEST(Search, KeepsToWhatTheWorkloadWishes) {
  Workload wished = work();
  wished.parallel.dp = 2;
  wished.parallel.micro_batch = 2;
  wished.train.precision = PrecisionWish::fp32;

  auto found = search_here(wished);

  ASSERT_EQ(found->feasible, 1);
  EXPECT_EQ(summary(found->plans[0]), "dp2 tp1 pp1 x 1 thread, micro-batch 2 x 2, fp32");
  EXPECT_EQ(found->plans[0].reason, "the only plan that is possible");
}

TEST(Search, WithAnImpossibleWishSaysWhy) {
  Workload wished = work();
  wished.parallel.tp = 4;
  auto refused = search_here(wished);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Error::Kind::infeasible);
  EXPECT_EQ(refused.error().message, "no plan is possible on island cpu");
  EXPECT_NE(refused.error().hint.find("not divisible by tp 4"), std::string::npos);

  wished = work();
  wished.parallel.dp = 4;
  EXPECT_NE(search_here(wished).error().hint.find("the island has 2 cores, too few"),
            std::string::npos);
}

TEST(Search, GivesTheWinnersReason) {
  auto found = search_here(work());

  const Forecast &first = found->plans[0].forecast, &second = found->plans[1].forecast;
  const std::string& reason = found->plans[0].reason;
  EXPECT_NE(reason.find(summary(found->plans[1])), std::string::npos) << reason;
  if (first.step_time < second.step_time) {
    EXPECT_NE(reason.find("less time than"), std::string::npos) << reason;
  }
  EXPECT_TRUE(found->plans[1].reason.empty());
}

TEST(Search, RefusesADeadlineThatNoPlanMeets) {
  Workload hurried = work();
  hurried.goal.deadline = 1.0_ms;

  auto refused = search_here(hurried);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Error::Kind::infeasible);
  EXPECT_EQ(refused.error().message, "no plan meets the deadline 1 ms");
  Seconds fastest = search_here(work())->plans[0].forecast.total_time;
  EXPECT_EQ(refused.error().hint,
            "the fastest takes " + print(fastest) + ": allow that in goal.deadline");
}

TEST(Search, RefusesABudgetThatNoPlanKeeps) {
  Island priced = cost::fixture::island(2, 8.0_GB);
  priced.price = HourlyPrice::of(1);
  Workload poor = work();
  poor.goal.budget = Yuan::of(0.001);

  auto refused = search_here(poor, pool_of(priced));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "no plan keeps to the budget 0.001 CNY");
  EXPECT_TRUE(refused.error().hint.starts_with("the cheapest costs "));
}

TEST(Search, MinimizesCostWhereThereIsAPriceAndSaysSoWhereNot) {
  Workload thrifty = work();
  thrifty.goal.minimize = Objective::cost;
  Island priced = cost::fixture::island(2, 8.0_GB);
  priced.price = HourlyPrice::of(1);

  auto by_cost = search_here(thrifty, pool_of(priced));
  auto by_time = search_here(thrifty);

  // Two cores are never twice as fast as one here: the gradients must be summed.
  EXPECT_EQ(ranks_of(by_cost->plans[0].parallel) * by_cost->plans[0].threads, 1);
  EXPECT_EQ(by_cost->note, "");
  EXPECT_EQ(by_time->note, "cost is not known: island cpu has no price; ranked by time");
}

TEST(Search, SaysThatEnergyIsUnknown) {
  Workload green = work();
  green.goal.minimize = Objective::energy;

  EXPECT_EQ(search_here(green)->note,
            "energy is not measurable here: no energy counter; ranked by time");
}

TEST(Search, OfAnUnknownOrUnmeasuredIslandIsAnError) {
  auto unknown = search(two_cores(), "host/gpu", work(), known(), {});
  auto unmeasured = search_here(work(), two_cores(), {}, {});

  EXPECT_EQ(unknown.error().kind, Error::Kind::not_found);
  EXPECT_EQ(unmeasured.error().kind, Error::Kind::environment);
  EXPECT_EQ(unmeasured.error().hint, "measure the island first: heliu discover");
}

TEST(Search, IsTheSameEveryTime) {
  auto text = [](const Search& found) {
    std::string all;
    for (const Plan& plan : found.plans) all += to_line(plan) + "\n";
    for (const Rejection& one : found.rejected) all += one.reason + std::to_string(one.count);
    return all;
  };

  EXPECT_EQ(text(*search_here(work())), text(*search_here(work())));
}

TEST(Search, BreaksTiesBySmallerMemory) {
  // Nothing depends on the micro-batch when all rates are constant, so the smallest one wins.
  auto found = search_here(work());

  EXPECT_EQ(found->plans[0].micro_batch, 1);
}

TEST(Search, CoversAnIslandOfManyNodesWithoutExploding) {
  Abilities all{.max_tp = 64, .max_pp = 64, .max_nodes = 64};
  Pool big = pool_of(cost::fixture::island(64, 256.0_GB, 4));
  Workload large = work(64);

  auto found = search_here(large, big, all);

  ASSERT_TRUE(found);
  EXPECT_GT(found->feasible, 1000);
  EXPECT_LT(found->feasible, 100000);
  const Plan& best = found->plans[0];
  EXPECT_GT(ranks_of(best.parallel) * best.threads, 64);  // more than one node is worth it
  EXPECT_LE(ranks_of(best.parallel) * best.threads, 256);
  EXPECT_LE(best.parallel.tp * best.threads, 64);
}

TEST(Search, StaysOnOneNodeWhereMoreCannotRun) {
  auto found = search_here(work(64), pool_of(cost::fixture::island(2, 8.0_GB, 4)));

  EXPECT_TRUE(rejects(*found, "execution over several nodes is not in this version: nodes 4"));
  for (const Plan& plan : found->plans) EXPECT_LE(ranks_of(plan.parallel) * plan.threads, 2);
}

}  // namespace
}  // namespace heliu::planner
