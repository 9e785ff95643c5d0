// The limits that cut plans which could otherwise run: a node's memory, the deadline, the budget.
// Keeps how many each cut, and the least that would have been enough for one of them.
#pragma once

#include <algorithm>
#include <optional>

#include "planner/search.h"

namespace heliu::planner {

class Limits {
 public:
  Limits(const Goal& goal, Bytes node_memory) : goal_(goal), node_memory_(node_memory) {}

  // False: too much, and `plans` were cut for it.
  bool memory(Bytes on_a_node, int64_t plans);
  bool goal(const Forecast& promise);

  std::vector<Rejection> list() const;

  // Why no plan is left and the smallest change that would give one, where it was a limit's doing.
  std::optional<Error> nothing_left() const;

 private:
  template <class Q>
  struct Cut {
    int64_t plans = 0;
    Q least;
    void add(Q needs, int64_t count) {
      least = plans ? std::min(least, needs) : needs;
      plans += count;
    }
  };

  const Goal& goal_;
  const Bytes node_memory_;
  Cut<Bytes> memory_;
  Cut<Seconds> time_;
  Cut<Yuan> cost_;
};

}  // namespace heliu::planner
