#include "planner/limits.h"

#include <fmt/format.h>

namespace heliu::planner {

bool Limits::memory(Bytes on_a_node, int64_t plans) {
  if (on_a_node <= node_memory_) return true;
  memory_.add(on_a_node, plans);
  return false;
}

bool Limits::goal(const Forecast& promise) {
  if (goal_.deadline && promise.total_time > *goal_.deadline) {
    time_.add(promise.total_time, 1);
    return false;
  }
  if (goal_.budget && promise.cost && *promise.cost > *goal_.budget) {
    cost_.add(*promise.cost, 1);
    return false;
  }
  return true;
}

std::vector<Rejection> Limits::list() const {
  std::vector<Rejection> all;
  if (memory_.plans)
    all.push_back({fmt::format("needs {} of memory or more on a node, which has {}",
                               print(memory_.least), print(node_memory_)),
                   memory_.plans});
  if (time_.plans)
    all.push_back(
        {fmt::format("takes {} or more, deadline {}", print(time_.least), print(*goal_.deadline)),
         time_.plans});
  if (cost_.plans)
    all.push_back(
        {fmt::format("costs {} or more, budget {}", print(cost_.least), print(*goal_.budget)),
         cost_.plans});
  return all;
}

std::optional<Error> Limits::nothing_left() const {
  constexpr auto kind = Error::Kind::infeasible;
  // Plans within memory and deadline were only too dear: that is the nearest way out.
  if (cost_.plans)
    return fail(kind, fmt::format("no plan keeps to the budget {}", print(*goal_.budget)))
        .value()
        .hinting(fmt::format("the cheapest{} costs {}: allow that in goal.budget",
                             goal_.deadline ? " within the deadline" : "", print(cost_.least)));
  if (time_.plans)
    return fail(kind, fmt::format("no plan meets the deadline {}", print(*goal_.deadline)))
        .value()
        .hinting(
            fmt::format("the fastest takes {}: allow that in goal.deadline", print(time_.least)));
  if (memory_.plans)
    return fail(kind, fmt::format(
                          "no plan fits the memory: the smallest needs {} on a node, which has {}",
                          print(memory_.least), print(node_memory_)))
        .value()
        .hinting(
            "make the model or the sequence smaller, or leave precision and micro_batch to the "
            "planner");
  return {};
}

}  // namespace heliu::planner
