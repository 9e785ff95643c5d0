// The plans left out of a search, gathered by reason.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "planner/search.h"

namespace heliu::planner {

class Rejections {
 public:
  // One branch cut, for a reason that is complete in itself.
  void add(const std::string& reason);
  // One branch cut for `reason` with this value: "heads 6 not divisible by tp" with 4, 5, 7 becomes
  // "heads 6 not divisible by tp 4, 5, 7".
  void add(const std::string& reason, int64_t value);

  std::vector<Rejection> list() const;

 private:
  struct Group {
    std::string reason;
    std::set<int64_t> values;
    int64_t count = 0;
  };
  Group& group(const std::string& reason);
  std::vector<Group> groups_;
};

}  // namespace heliu::planner
