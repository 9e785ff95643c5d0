#include "planner/serve_search.h"

#include <gtest/gtest.h>

#include "planner/fixture.h"

namespace heliu::planner {
namespace {

Workload answers(int64_t concurrency, double requests = 0) {
  Workload w;
  w.name = "answers";
  w.kind = WorkloadKind::serve;
  w.model = {.family = ModelFamily::llama,
             .layers = 80,
             .hidden = 8192,
             .heads = 64,
             .kv_heads = 8,
             .sequence = 8192,
             .feed_forward = 28672,
             .vocabulary = 128256};
  w.serve.prompt = 1024;
  w.serve.output = 256;
  w.serve.concurrency = concurrency;
  w.serve.requests = requests;
  return w;
}

Result<ServeSearch> search(const Workload& w, std::vector<Island> islands, size_t keep = 50) {
  return search_serving(fixture::pool(std::move(islands)), w, fixture::catalog(), {}, {keep, {}});
}

TEST(ServeSearch, PutsTheFastestPlanFirst) {
  auto found =
      search(answers(16), {fixture::island("old", "a100", 1), fixture::island("new", "h100", 1)});

  ASSERT_TRUE(found) << found.error().message;
  ASSERT_GT(found->plans.size(), 1u);
  EXPECT_EQ(found->plans[0].place, "site/new");
  for (size_t i = 1; i < found->plans.size(); ++i)
    EXPECT_LE(found->plans[i - 1].forecast.total_time, found->plans[i].forecast.total_time);
}

TEST(ServeSearch, MinimizesCostWherePricesDiffer) {
  Workload w = answers(16);
  w.goal.minimize = Objective::cost;

  auto found =
      search(w, {fixture::island("dear", "h100", 1, 100), fixture::island("cheap", "a100", 1, 1)});

  ASSERT_TRUE(found);
  EXPECT_EQ(found->plans[0].place, "site/cheap");
}

TEST(ServeSearch, PriceOfAMillionTokensIsThatOfTheDevicesWhileTheyAreMade) {
  Workload w = answers(16);
  w.goal.minimize = Objective::cost;

  auto found = search(w, {fixture::island("x", "h100", 1, 10)});

  ASSERT_TRUE(found);
  const Plan& best = found->plans[0];
  double hours = best.forecast.total_time.base() / 3600;
  double by_hand = 10 * ranks_of(best.parallel) * hours / (16 * 256 / 1e6);
  EXPECT_NEAR(price_per_million(best).value(), by_hand, 1e-6 * by_hand);
}

TEST(ServeSearch, KeepsTheLimitsOnATokensTime) {
  Workload w = answers(16);
  w.goal.minimize = Objective::cost;
  auto free = search(w, {fixture::island("x", "h100", 1, 10)});
  ASSERT_TRUE(free);
  w.serve.token_time = 0.6 * free->plans[0].forecast.token_time.value();

  auto bound = search(w, {fixture::island("x", "h100", 1, 10)});

  ASSERT_TRUE(bound);
  ASSERT_FALSE(bound->plans.empty());
  EXPECT_LE(bound->plans[0].forecast.token_time.value(), w.serve.token_time.value());
  EXPECT_GT(bound->plans[0].forecast.cost.value(), free->plans[0].forecast.cost.value());
}

TEST(ServeSearch, TakesAsManyReplicasAsTheDeadlineNeeds) {
  Workload w = answers(16, 16 * 40);
  w.goal.minimize = Objective::cost;
  w.parallel.tp = 8;
  w.parallel.pp = 1;
  w.serve.precision = PrecisionWish::bf16;
  auto relaxed = search(w, {fixture::island("x", "h100", 4, 10)});
  ASSERT_TRUE(relaxed);
  const Plan& slowest = relaxed->plans.back();  // one replica, forty batches
  ASSERT_EQ(replicas_of(slowest), 1);
  Seconds batch = slowest.forecast.total_time / 40.0;
  w.goal.deadline = 20.5 * batch;

  auto found = search(w, {fixture::island("x", "h100", 4, 10)});

  ASSERT_TRUE(found);
  ASSERT_FALSE(found->plans.empty());
  for (const Plan& plan : found->plans) EXPECT_LE(plan.forecast.total_time, *w.goal.deadline);
  int fewest = 4;
  for (const Plan& plan : found->plans) fewest = std::min(fewest, replicas_of(plan));
  EXPECT_EQ(fewest, 2);
}

TEST(ServeSearch, HoldsWhatTheWorkloadFixes) {
  Workload w = answers(8);
  w.parallel.tp = 4;
  w.parallel.pp = 2;
  w.serve.precision = PrecisionWish::fp8;

  auto found = search(w, {fixture::island("x", "h100", 2)});

  ASSERT_TRUE(found);
  for (const Plan& plan : found->plans) {
    EXPECT_EQ(plan.parallel.tp, 4);
    EXPECT_EQ(plan.parallel.pp, 2);
    EXPECT_EQ(plan.precision, Precision::fp8);
    EXPECT_EQ(serving_layout(plan), "tp4 pp2 fp8, cache fp8, 1 replica");
  }
}

TEST(ServeSearch, SaysHowManyDevicesWouldHoldTheWork) {
  Workload w = answers(1);
  w.serve.precision = PrecisionWish::bf16;
  Island small = fixture::island("small", "a100", 1);
  small.node.devices[0].count = 1;

  auto found = search(w, {small});

  ASSERT_TRUE(found);
  EXPECT_TRUE(found->plans.empty());
  // 141 GB of weights on devices of which 72 GB may be used: two would be full to the brim.
  ASSERT_TRUE(found->islands[0].smallest);
  EXPECT_EQ(found->islands[0].smallest->devices, 2);
  Error error = nothing_serves(fixture::pool({small}), *found);
  EXPECT_EQ(error.kind, Error::Kind::infeasible);
  EXPECT_NE(error.hint.find("2 devices of site/small"), std::string::npos) << error.hint;
}

TEST(ServeSearch, RefusesWhatItCannotPlan) {
  auto message = [](Workload w) {
    auto found = search(w, {fixture::island("x", "h100", 1)});
    return found ? "" : found.error().message;
  };
  Workload training = answers(1);
  training.kind = WorkloadKind::train;
  Workload odd = answers(1);
  odd.parallel.tp = 7;
  Workload dense = answers(1);
  dense.parallel.ep = 2;
  Workload open = answers(1);
  open.model.vocabulary = 0;

  EXPECT_EQ(message(training), "this search is for serving alone");
  EXPECT_EQ(message(odd), "parallel.tp 7 does not divide 64 heads");
  EXPECT_EQ(message(dense), "parallel.ep 2 does not divide 0 experts");
  EXPECT_EQ(message(open), "planning on a cluster needs the model's vocabulary");
}

TEST(ServeSearch, AnIslandWithoutAPriceHasNoPlanForTheGoalOfCost) {
  Workload w = answers(1);
  w.goal.minimize = Objective::cost;

  auto found = search(w, {fixture::island("x", "h100", 1)});

  ASSERT_TRUE(found);
  EXPECT_TRUE(found->plans.empty());
  EXPECT_EQ(found->islands[0].why_not, "its price is not known");
}

}  // namespace
}  // namespace heliu::planner
