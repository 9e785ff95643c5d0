#include "planner/relaxation.h"

#include <gtest/gtest.h>

#include "planner/fixture.h"

namespace heliu::planner {
namespace {

using fixture::catalog;
using fixture::island;
using fixture::llama_8b;
using fixture::pool;
using fixture::workload;

const Pool two = pool({island("a100", "a100", 8, 14), island("h100", "h100", 4, 20)});

ClusterSearch search(const Workload& work, const Pool& where = two) {
  auto found = search_cluster(where, work, catalog(), {}, {});
  EXPECT_TRUE(found) << (found ? "" : found.error().message);
  return found ? std::move(*found) : ClusterSearch{};
}

std::vector<Relaxation> changes_for(const Workload& work, const Pool& where = two) {
  EXPECT_TRUE(search(work, where).plans.empty());
  return relaxations(where, work, catalog(), {}, {});
}

TEST(Relaxation, FindsTheNearestDeadline) {
  Workload work = workload(llama_8b(), 256, 1000);
  Seconds best = search(work).plans.at(0).forecast.total_time;
  work.goal.deadline = 0.5 * best;

  auto changes = changes_for(work);

  ASSERT_FALSE(changes.empty());
  EXPECT_EQ(changes[0].change.substr(0, 8), "deadline");
  EXPECT_EQ(changes[0].plan.forecast.total_time, best);
  // Or more devices: then the deadline is kept.
  ASSERT_GE(changes.size(), 2u);
  EXPECT_NE(changes[1].change.find("devices on site/h100 instead of 32"), std::string::npos);
  EXPECT_LE(changes[1].plan.forecast.total_time, *work.goal.deadline);
}

TEST(Relaxation, FindsHowManyDevicesWouldDo) {
  Pool small = pool({island("a100", "a100", 1)});
  Workload work = workload(fixture::gpt3(), 64, 10);
  work.parallel.offload = false;

  std::vector<std::string> texts;
  for (const Relaxation& one : changes_for(work, small)) {
    texts.push_back(one.change);
    EXPECT_LE(one.plan.forecast.memory, 80.0_GB);
  }

  ASSERT_FALSE(texts.empty());
  EXPECT_NE(texts.back().find("devices on site/a100 instead of 8"), std::string::npos)
      << texts.back();
}

TEST(Relaxation, FindsTheLeastBudgetAndTheLeastEnergy) {
  Workload work = workload(llama_8b(), 256, 1000);
  work.goal.minimize = Objective::cost;
  Yuan cheapest = *search(work).plans.at(0).forecast.cost;
  work.goal.minimize = Objective::energy;
  Joules thriftiest = *search(work).plans.at(0).forecast.energy;

  work.goal = {.budget = 0.5 * cheapest};
  auto money = changes_for(work);
  work.goal = {.energy = 0.5 * thriftiest};
  auto power = changes_for(work);

  ASSERT_EQ(money.size(), 1u);
  EXPECT_EQ(money[0].change, "budget " + print(cheapest) + " instead of " + print(0.5 * cheapest));
  EXPECT_EQ(money[0].plan.forecast.cost, cheapest);
  ASSERT_EQ(power.size(), 1u);
  EXPECT_EQ(power[0].change,
            "energy " + print(thriftiest) + " instead of " + print(0.5 * thriftiest));
  EXPECT_EQ(power[0].plan.forecast.energy, thriftiest);
}

// 32 heads are not for 3 ranks, whatever else is done.
TEST(Relaxation, DropsTheWishThatStandsInTheWay) {
  Workload work = workload(llama_8b(), 256, 1000);
  work.parallel = {.tp = 3, .pp = 2};

  auto changes = changes_for(work);

  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].change, "without parallel.tp");
  EXPECT_EQ(changes[0].plan.parallel.pp, 2);
}

// 2 replicas cannot share 37 sequences, and no single wish less changes that: without dp, the 16
// devices and the other degrees still make 2 of them.
TEST(Relaxation, FindsTheNextBatchThatDivides) {
  Workload work = workload(llama_8b(), 37, 1000);
  work.parallel = {.dp = 2, .tp = 8, .pp = 1, .cp = 1, .devices = 16};

  auto changes = changes_for(work);

  ASSERT_FALSE(changes.empty());
  EXPECT_EQ(changes[0].change, "global batch 38 instead of 37");
  EXPECT_EQ(changes[0].plan.workload.train.global_batch, 38);
}

TEST(Relaxation, HalvesASequenceUntilItFits) {
  Pool one = pool({island("a100", "a100", 1)});
  Workload work = workload(llama_8b(), 8, 10);
  work.model.sequence = int64_t(1) << 24;

  auto changes = changes_for(work, one);

  ASSERT_FALSE(changes.empty());
  int64_t fits = changes[0].plan.workload.model.sequence;
  EXPECT_EQ(changes[0].change, "sequence " + std::to_string(fits) + " instead of 16777216");
  work.model.sequence = 2 * fits;
  EXPECT_TRUE(search(work, one).plans.empty());
}

}  // namespace
}  // namespace heliu::planner
