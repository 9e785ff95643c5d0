#include "app/report.h"

#include <gtest/gtest.h>

namespace heliu::app {
namespace {

TEST(Report, LaysThePromiseBesideTheMeasurement) {
  Plan plan;
  plan.forecast.step_time = 2.0_s;
  plan.forecast.memory = 100.0_MB;
  std::vector<Record> records{{.event = Event::launched, .time = 10},
                              {.event = Event::step, .time = 12, .step = 1, .loss = 5},
                              {.event = Event::step, .time = 14, .step = 2, .loss = 3},
                              {.event = Event::finished, .time = 20, .step_time = 1.5_s, .memory = 120.0_MB}};

  Report r = report(plan, records);

  Json json = to_json(r);
  EXPECT_DOUBLE_EQ(json["error"]["step_time"], -0.25);
  EXPECT_NEAR(json["error"]["memory"].get<double>(), 0.2, 1e-12);
  EXPECT_EQ(json["loss_first"], 5);
  EXPECT_EQ(json["loss_last"], 3);
  EXPECT_EQ(json["measured"]["total_time_s"], 10);
}

TEST(Report, AResumedJobTookTheTimeOfItsAttempts) {
  std::vector<Record> records{{.event = Event::launched, .time = 10}, {.event = Event::stopped, .time = 15},
                              {.event = Event::launched, .time = 100}, {.event = Event::finished, .time = 103, .step_time = 1.0_s}};

  EXPECT_DOUBLE_EQ(report({}, records).measured->total_time.base(), 8);
}

TEST(Report, TheRankThatNeededMostMemoryCounts) {
  std::vector<Record> records{{.event = Event::launched},
                              {.event = Event::finished, .rank = 1, .memory = 300.0_MB},
                              {.event = Event::finished, .rank = 0, .step_time = 1.0_s, .memory = 200.0_MB}};

  EXPECT_EQ(report({}, records).measured->memory, 300.0_MB);
}

TEST(Report, AnUnfinishedJobClaimsNoMeasurement) {
  EXPECT_EQ(to_json(report({}, {{.event = Event::launched}}))["ok"], false);
}

}  // namespace
}  // namespace heliu::app
