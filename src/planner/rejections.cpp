#include "planner/rejections.h"

#include <fmt/format.h>

#include <algorithm>

namespace heliu::planner {
namespace {

constexpr size_t values_shown = 6;

}  // namespace

Rejections::Group& Rejections::group(const std::string& reason) {
  for (Group& one : groups_)
    if (one.reason == reason) return one;
  groups_.push_back({reason, {}, 0});
  return groups_.back();
}

void Rejections::add(const std::string& reason) { ++group(reason).count; }

void Rejections::add(const std::string& reason, int64_t value) {
  Group& one = group(reason);
  ++one.count;
  one.values.insert(value);
}

std::vector<Rejection> Rejections::list() const {
  std::vector<Rejection> all;
  for (const Group& one : groups_) {
    std::vector<int64_t> shown(one.values.begin(), one.values.end());
    bool more = shown.size() > values_shown;
    if (more) shown.resize(values_shown);
    std::string text = one.reason;
    if (!shown.empty()) text += fmt::format(" {}{}", fmt::join(shown, ", "), more ? ", ..." : "");
    all.push_back({text, one.count});
  }
  return all;
}

}  // namespace heliu::planner
