#include "exchange/trace.h"

#include <fmt/core.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

namespace heliu::exchange {
namespace {

using Json = nlohmann::ordered_json;

// Nanoseconds are kept, less is not: what a picture shows.
double microseconds(Seconds time) { return std::round(time.base() * 1e9) / 1e3; }

Json name_event(const char* what, int stage, int lane, const std::string& name) {
  return {{"ph", "M"}, {"name", what}, {"pid", stage}, {"tid", lane}, {"args", {{"name", name}}}};
}

std::string lane_name(int lane, const std::vector<std::string>& lanes) {
  return lane >= 0 && lane < int(lanes.size()) ? lanes[size_t(lane)] : fmt::format("lane {}", lane);
}

}  // namespace

std::string write_trace(const std::vector<Span>& spans, const std::vector<std::string>& lanes) {
  std::vector<Json> events;
  std::set<int> stages;
  std::set<std::pair<int, int>> rows;
  for (const Span& span : spans) {
    if (stages.insert(span.stage).second)
      events.push_back(
          name_event("process_name", span.stage, 0, fmt::format("stage {}", span.stage)));
    if (rows.insert({span.stage, span.lane}).second)
      events.push_back(
          name_event("thread_name", span.stage, span.lane, lane_name(span.lane, lanes)));
  }
  for (const Span& span : spans)
    events.push_back({{"ph", "X"},
                      {"name", span.name},
                      {"cat", span.category},
                      {"pid", span.stage},
                      {"tid", span.lane},
                      {"ts", microseconds(span.start)},
                      {"dur", microseconds(span.length)}});
  std::string text = "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[";
  for (size_t i = 0; i < events.size(); ++i)
    text += (i ? ",\n" : "\n") + events[i].dump(-1, ' ', false, Json::error_handler_t::replace);
  return text + "\n]}\n";
}

}  // namespace heliu::exchange
