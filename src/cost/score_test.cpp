#include "cost/score.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace heliu::cost {
namespace {

RowScore row(const std::string& family, double measured, double forecast) {
  RowScore r{.id = "r", .group = "g"};
  r.measured = measured;
  r.forecast = forecast;
  r.family = family;
  return r;
}

// One family of eight plans, measured in order, forecast as given.
GroupScore of_eight(const std::vector<double>& forecasts) {
  std::vector<RowScore> rows;
  for (size_t i = 0; i < forecasts.size(); ++i)
    rows.push_back(row("f", double(i + 1), forecasts[i]));
  return summarize(rows).front();
}

TEST(KendallTau, IsOneForTheSameOrderAndMinusOneForTheOpposite) {
  EXPECT_DOUBLE_EQ(of_eight({10, 20, 30, 40, 50, 60, 70, 80}).tau, 1);
  EXPECT_DOUBLE_EQ(of_eight({8, 7, 6, 5, 4, 3, 2, 1}).tau, -1);
}

TEST(KendallTau, CountsPairsInTheWrongOrder) {
  // Of 28 pairs, (1,2) and (7,8) are the wrong way round: (26 - 2) / 28.
  EXPECT_DOUBLE_EQ(of_eight({2, 1, 3, 4, 5, 6, 8, 7}).tau, 24.0 / 28);
}

TEST(KendallTau, AllowsForTies) {
  // One tied pair of 28: 27 agree, over sqrt(28 x 27).
  EXPECT_DOUBLE_EQ(of_eight({1, 1, 3, 4, 5, 6, 7, 8}).tau, 27 / std::sqrt(28.0 * 27));
}

TEST(KendallTau, IsNothingForAForecastThatTellsNoPlansApart) {
  EXPECT_EQ(of_eight({1, 1, 1, 1, 1, 1, 1, 1}).tau, 0);
}

TEST(Regret, IsHowMuchSlowerTheChosenPlanIsThanTheBest) {
  EXPECT_DOUBLE_EQ(of_eight({5, 9, 4, 6, 7, 8, 9, 9}).regret, 2);  // the third: 3 s instead of 1 s
  EXPECT_DOUBLE_EQ(of_eight({1, 2, 3, 4, 5, 6, 7, 8}).regret, 0);
}

TEST(Families, NeedEightPlans) {
  GroupScore seven = of_eight({1, 2, 3, 4, 5, 6, 7});

  EXPECT_EQ(seven.families, 0);
  EXPECT_EQ(of_eight({1, 2, 3, 4, 5, 6, 7, 8}).families, 1);
}

TEST(Summary, HasMeanMedianAndNearestRanks) {
  std::vector<RowScore> rows;
  for (int i = 1; i <= 10; ++i) rows.push_back(row("f" + std::to_string(i), 1, 1 + 0.01 * i));
  rows[0].forecast = 0.99;  // 1 % below instead of above

  GroupScore g = summarize(rows).front();

  EXPECT_NEAR(g.mean, 0.055, 1e-12);
  EXPECT_NEAR(g.median, 0.05, 1e-12);  // the fifth of ten
  EXPECT_NEAR(g.p90, 0.09, 1e-12);     // the ninth
  EXPECT_NEAR(g.most, 0.10, 1e-12);
  EXPECT_NEAR(g.bias, 0.053, 1e-12);
}

TEST(Summary, CountsEveryRowAndScoresThoseThatAreOk) {
  std::vector<RowScore> rows{row("f", 1, 1.1), row("f", 1, 3), row("f", 1, 5)};
  rows[1].status = RowStatus::unsupported;
  rows[2].status = RowStatus::invalid;
  rows[2].group = "h";

  auto groups = summarize(rows);

  ASSERT_EQ(groups.size(), 3u);
  EXPECT_EQ(groups[0].group, "g");
  EXPECT_EQ(groups[0].rows, 2);
  EXPECT_EQ(groups[0].supported, 1);
  EXPECT_EQ(groups[1].group, "h");
  EXPECT_EQ(groups[1].supported, 0);
  EXPECT_EQ(groups[2].group, "all");
  EXPECT_EQ(groups[2].rows, 3);
  EXPECT_NEAR(groups[2].mean, 0.1, 1e-12);
}

TEST(Summary, ComparesMemoryWhereItWasPublished) {
  std::vector<RowScore> rows{row("f", 1, 1), row("f", 1, 1)};
  rows[0].memory = 90e9, rows[0].measured_memory = 100e9;
  rows[1].memory = 90e9;

  GroupScore g = summarize(rows).front();

  EXPECT_EQ(g.memory_rows, 1);
  EXPECT_NEAR(g.memory_mean, 0.1, 1e-12);
}

TEST(HeldOut, IsAFifthOfTheRowsAndEachRowOnce) {
  std::array<int, 5> rows{};
  for (int i = 0; i < 10'000; ++i) {
    int times = 0;
    for (int fold = 0; fold < 5; ++fold) {
      bool out = held_out("row-" + std::to_string(i), fold);
      times += out;
      rows[size_t(fold)] += out;
    }
    ASSERT_EQ(times, 1);
  }
  for (int count : rows) EXPECT_NEAR(count, 2000, 150);
}

TEST(Score, KeepsInvalidAndUnsupportedRowsWithTheirReasons) {
  Measurement faulty, strange;
  faulty.id = "a", faulty.fault = "heads is not a number: many";
  strange.id = "b", strange.chip = "abacus";

  auto rows = score({faulty, strange}, {}, {});

  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].status, RowStatus::invalid);
  EXPECT_EQ(rows[0].reason, "heads is not a number: many");
  EXPECT_EQ(rows[1].status, RowStatus::unsupported);
  EXPECT_EQ(rows[1].reason, "chip is not in the catalog: abacus");
}

// A chip without a link's or a memory's rate divides by nothing somewhere.
TEST(Score, NeverCallsAForecastThatIsNoNumberOk) {
  Catalog catalog;
  Chip chip;
  chip.name = "odd";
  chip.peak.bf16 = OperationRate::of(1e-300);
  chip.memory.bandwidth = Bandwidth::of(1e-300);
  catalog.chips.push_back(chip);
  Measurement m;
  m.id = "a", m.chip = "odd", m.devices = 1, m.step_time = 1;
  m.layers = 100'000, m.hidden = 8192, m.heads = 64, m.sequence = 1'000'000'000;
  m.global_batch = m.micro_batch = 1'000'000;

  auto rows = score({m}, catalog, {});

  EXPECT_EQ(rows[0].status, RowStatus::unsupported);
  EXPECT_EQ(rows[0].reason, "no forecast: its time is not a finite number");
}

}  // namespace
}  // namespace heliu::cost
