#include "exchange/trace.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace heliu::exchange {
namespace {

using Json = nlohmann::json;

TEST(Trace, IsJsonWithTimesInMicrosecondsAndNames) {
  std::vector<Span> spans = {{"F0", "forward", 0, 0, Seconds::of(0), Seconds::of(0.5)},
                             {"B0", "backward", 1, 1, Seconds::of(0.001), Seconds::of(2e-6)}};

  Json trace = Json::parse(write_trace(spans, {"compute"}));

  Json events = trace["traceEvents"];
  ASSERT_EQ(events.size(), 6u);
  EXPECT_EQ(events[0], (Json{{"ph", "M"},
                             {"name", "process_name"},
                             {"pid", 0},
                             {"tid", 0},
                             {"args", {{"name", "stage 0"}}}}));
  EXPECT_EQ(events[1]["args"]["name"], "compute");
  EXPECT_EQ(events[3]["args"]["name"], "lane 1");
  EXPECT_EQ(events[4]["dur"], 500000.0);
  EXPECT_EQ(events[5], (Json{{"ph", "X"},
                             {"name", "B0"},
                             {"cat", "backward"},
                             {"pid", 1},
                             {"tid", 1},
                             {"ts", 1000.0},
                             {"dur", 2.0}}));
}

TEST(Trace, OfNothingIsStillATrace) {
  EXPECT_TRUE(Json::parse(write_trace({}))["traceEvents"].empty());
}

TEST(Trace, NamesMayHoldAnything) {
  std::string text = write_trace({{"a\"\n\xff", "", 0, 0, {}, {}}});

  EXPECT_TRUE(Json::parse(text)["traceEvents"][2]["name"].get<std::string>().starts_with("a\"\n"));
}

}  // namespace
}  // namespace heliu::exchange
