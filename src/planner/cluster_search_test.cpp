#include "planner/cluster_search.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "planner/explanation.h"
#include "planner/fixture.h"
#include "spec/document.h"

namespace heliu::planner {
namespace {

using fixture::catalog;
using fixture::island;
using fixture::llama_8b;
using fixture::pool;
using fixture::workload;

const Pool two = pool({island("a100", "a100", 8, 14), island("h100", "h100", 4, 20)});

ClusterSearch search(const Workload& work, const Pool& where = two, ClusterOptions options = {}) {
  auto found = search_cluster(where, work, catalog(), {}, options);
  EXPECT_TRUE(found) << (found ? "" : found.error().message);
  return found ? std::move(*found) : ClusterSearch{};
}

std::string bytes_of(const ClusterSearch& found) {
  std::string text;
  for (const Plan& plan : found.plans) text += to_line(plan);
  for (const Plan& plan : found.front) text += to_line(plan);
  for (const IslandFindings& one : found.islands) text += std::to_string(one.counts.evaluated);
  return text;
}

TEST(ClusterSearch, RanksThePlansOfAllIslands) {
  ClusterSearch found = search(workload(llama_8b(), 256, 1000));

  ASSERT_EQ(found.plans.size(), 5u);
  EXPECT_EQ(found.plans[0].place, "site/h100");
  for (size_t i = 1; i < found.plans.size(); ++i)
    EXPECT_LE(found.plans[i - 1].forecast.total_time, found.plans[i].forecast.total_time);
  ASSERT_EQ(found.islands.size(), 2u);
  EXPECT_EQ(found.islands[0].best->place, "site/a100");
}

TEST(ClusterSearch, WritesWholePlans) {
  Plan plan = search(workload(llama_8b(), 256, 1000)).plans.at(0);
  const Forecast& f = plan.forecast;

  Seconds sum;
  for (const ClassTime& one : f.breakdown) sum += one.time;
  EXPECT_NEAR(sum / f.step_time, 1, 1e-9);
  EXPECT_NEAR(f.tokens_per_s * f.step_time.base(), 256 * 8192, 1);
  EXPECT_EQ(plan.parallel.dp * plan.micro_batch * plan.accumulation, 256);
  EXPECT_EQ(f.stages.size(), size_t(plan.parallel.pp));
  EXPECT_LE(f.memory, 80.0_GB);
  EXPECT_GE(f.total_time, 1000 * f.step_time);
  EXPECT_LT(*f.goodput, 1);
  EXPECT_GT(*f.energy, Joules{});
  EXPECT_GT(*f.carbon, Kilograms{});
  Yuan price = double(ranks_of(plan.parallel)) * *two.centers[0].islands[1].price * f.total_time;
  EXPECT_NEAR(*f.cost / price, 1, 1e-9);
}

TEST(ClusterSearch, BandIsThatOfNineInTenAndWiderForWhatWasNotFitted) {
  Calibration fitted;
  fitted.error = 0.06;
  fitted.chips.resize(1);
  fitted.networks.resize(1);
  fitted.frameworks.resize(1);
  fitted.chips[0].rows = fitted.networks[0].rows = fitted.frameworks[0].rows = 10;
  auto band = [](const Calibration& known) {
    const Center& center = two.centers[0];
    return site_of(center, center.islands[1], "nemo", catalog(), known).band;
  };

  EXPECT_NEAR(band(fitted), 0.15, 1e-12);
  fitted.frameworks.clear();
  EXPECT_NEAR(band(fitted), 0.225, 1e-12);
  EXPECT_NEAR(band({}), 2.5 * 0.1 * 2.5, 1e-12);
}

TEST(ClusterSearch, CountsEveryCandidate) {
  for (const IslandFindings& one : search(workload(llama_8b(), 256, 1000)).islands) {
    const Counts& c = one.counts;
    EXPECT_GT(c.evaluated, 0);
    EXPECT_EQ(c.candidates, c.misfits + c.too_large + c.bounded + c.evaluated);
  }
}

TEST(ClusterSearch, GivesTheSameBytesOnAnyNumberOfThreads) {
  Workload work = workload(fixture::deepseek_v3(), 1024, 100);
  Pool large = pool({island("h100", "h100", 64, 20), island("b200", "b200", 32, 40)});

  std::string one = bytes_of(search(work, large, {.threads = 1}));

  EXPECT_EQ(one, bytes_of(search(work, large, {.threads = 2})));
  EXPECT_EQ(one, bytes_of(search(work, large, {.threads = 3})));
}

TEST(ClusterSearch, SavesMoneyWithFewerDevices) {
  Workload work = workload(llama_8b(), 256, 1000);
  Plan fast = search(work).plans.at(0);
  work.goal.minimize = Objective::cost;
  Plan cheap = search(work).plans.at(0);

  EXPECT_LT(*cheap.forecast.cost, *fast.forecast.cost);
  EXPECT_LE(ranks_of(cheap.parallel), ranks_of(fast.parallel));
}

TEST(ClusterSearch, FrontIsNotBeaten) {
  ClusterSearch found = search(workload(llama_8b(), 256, 1000));

  for (const Plan& a : found.front)
    for (const Plan& b : found.front)
      EXPECT_FALSE(a.forecast.total_time < b.forecast.total_time &&
                   *a.forecast.cost < *b.forecast.cost && *a.forecast.energy < *b.forecast.energy);
}

TEST(ClusterSearch, FrontHasNoPlanThatSavesNextToNothing) {
  Workload work = workload(llama_8b(), 256, 1000);
  work.goal.minimize = Objective::cost;  // which opens all numbers of devices
  ClusterSearch found = search(work);

  ASSERT_GT(found.front.size(), 1u);
  for (size_t i = 1; i < found.front.size(); ++i)
    for (size_t j = 0; j < i; ++j) {
      const Forecast &a = found.front[i].forecast, &b = found.front[j].forecast;
      EXPECT_TRUE(*a.cost < 0.995 * *b.cost || *a.energy < 0.995 * *b.energy) << i << " " << j;
    }
}

TEST(ClusterSearch, KeepsToWishes) {
  Workload work = workload(llama_8b(), 256, 1000);
  work.parallel = {.tp = 4, .pp = 2, .micro_batch = 2, .recompute = Recompute::full};

  for (const Plan& plan : search(work).plans) {
    EXPECT_EQ(plan.parallel.tp, 4);
    EXPECT_EQ(plan.parallel.pp, 2);
    EXPECT_EQ(plan.micro_batch, 2);
    EXPECT_EQ(plan.parallel.recompute, Recompute::full);
  }
}

TEST(ClusterSearch, RefusesWhatItCannotPlan) {
  Workload work = workload(llama_8b(), 256, 1000);
  work.model.vocabulary = 0;
  EXPECT_EQ(search_cluster(two, work, catalog(), {}, {}).error().kind, Error::Kind::bad_input);

  work = workload(llama_8b(), 256, 1000);
  Pool strange = pool({island("x", "unheard-of", 4)});
  EXPECT_EQ(search_cluster(strange, work, catalog(), {}, {}).error().kind, Error::Kind::bad_input);
  EXPECT_EQ(search_cluster(pool({}), work, catalog(), {}, {}).error().kind, Error::Kind::not_found);
}

TEST(Explanation, NamesWhatBinds) {
  ClusterSearch found = search(workload(llama_8b(), 256, 1000));

  auto why = explain(two, found.plans[0], catalog(), {});

  ASSERT_TRUE(why);
  ASSERT_FALSE(why->levers.empty());
  EXPECT_EQ(why->levers[0].what, "matrix products");
  double sum = 0;
  for (const Lever& lever : why->levers) sum += lever.gain;
  EXPECT_LT(sum, 0.12);  // 10 % more of everything takes 1 - 1/1.1 = 9 % off
  EXPECT_GT(sum, 0.07);
  EXPECT_GE(why->memory_gain, 0);
}

TEST(Explanation, SaysWhyTheFirstWon) {
  ClusterSearch found = search(workload(llama_8b(), 256, 1000));

  std::string why = why_first(found.plans[0], &found.plans[1], Objective::time);

  EXPECT_NE(why.find("% less time"), std::string::npos);
  EXPECT_EQ(why_first(found.plans[0], nullptr, Objective::time), "the only plan that is possible");
}

}  // namespace
}  // namespace heliu::planner
