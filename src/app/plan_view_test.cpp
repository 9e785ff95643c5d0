#include "app/plan_view.h"

#include <gtest/gtest.h>

namespace heliu::app {
namespace {

Plan plan(std::string id, double gemm, double bubble) {
  Plan p;
  p.id = std::move(id);
  p.place = "site/h100";
  p.parallel = {.dp = 8, .tp = 4, .pp = 2};
  p.framework = "nemo";
  Forecast& f = p.forecast;
  f.step_time = Seconds::of(gemm + bubble);
  f.step_time_low = 0.9 * f.step_time;
  f.step_time_high = 1.1 * f.step_time;
  f.breakdown = {{OperationClass::gemm, Seconds::of(gemm)},
                 {OperationClass::bubble, Seconds::of(bubble)}};
  f.tokens_per_s = 1000;
  f.memory = 40.0_GB;
  f.total_time = 100 * f.step_time;
  return p;
}

TEST(PlanView, ComparesWhereTimeDiffersMostFirst) {
  Session session(Request{.language = "en"});

  std::string text = comparison(session, plan("p1", 1.0, 0.1), plan("p2", 1.05, 0.5));

  EXPECT_LT(text.find("bubble"), text.find("gemm"));
  EXPECT_NE(text.find("+36.4 %"), std::string::npos);  // 0.4 s of a step of 1.1 s
}

TEST(PlanView, SaysWhatComesNextAndHowMuchWorseItIs) {
  Session session(Request{.language = "en"});

  std::string text = reasons(session, {plan("p1", 1.0, 0.1), plan("p2", 1.0, 0.21)},
                             Objective::time, {.levers = {}, .binds = "something"});

  EXPECT_NE(text.find("what binds it: something"), std::string::npos);
  EXPECT_NE(text.find("next best: p2"), std::string::npos);
  EXPECT_NE(text.find("10.00 % worse"), std::string::npos);
}

TEST(PlanView, TablesLeaveOutWhatIsNotKnown) {
  Session session(Request{.language = "en"});
  Plan known = plan("p1", 1, 0);
  known.forecast.cost = Yuan::of(1234);

  EXPECT_NE(plan_table(session, {known}).find("1234"), std::string::npos);
  EXPECT_EQ(plan_table(session, {plan("p1", 1, 0)}).find("1234"), std::string::npos);
}

}  // namespace
}  // namespace heliu::app
