// How many layouts each rule cut.
#pragma once

#include <utility>
#include <vector>

#include "planner/search.h"

namespace heliu::planner {

// Counts by rule; rules are literals, so that their addresses tell them apart.
class Tally {
 public:
  void add(const char* rule, int64_t count) {
    for (auto& [known, sum] : rules_)
      if (known == rule) {
        sum += count;
        return;
      }
    rules_.emplace_back(rule, count);
  }
  void merge(const Tally& other) {
    for (auto [rule, count] : other.rules_) add(rule, count);
  }
  std::vector<Rejection> list() const {
    std::vector<Rejection> all;
    for (auto [rule, count] : rules_) all.push_back({rule, count});
    return all;
  }

 private:
  std::vector<std::pair<const char*, int64_t>> rules_;
};

}  // namespace heliu::planner
