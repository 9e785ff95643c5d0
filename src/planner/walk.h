// The walk over all layouts below one root of the search's tree: cuts what cannot fit or win, and
// estimates the rest.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "planner/tally.h"
#include "planner/tree.h"

namespace heliu::planner {

// What is known before the roots are visited, and is the same for many of them.
struct Plain {
  std::vector<std::vector<Schedule>> schedules;  // by pp
  std::vector<Schedule> quickest;                // by pp: the one whose bound is least
  std::vector<int> batch_divisors;
};

Plain plain_of(const Quest& quest);

class Walk {
 public:
  // `known`: what was found before, which is not changed meanwhile.
  Walk(const Quest& quest, const Plain& plain, const Root& root, const Shortlist& known);

  void run();

  // Of the root's best layout, by the goal, at least; and how many it has.
  std::pair<double, int64_t> outlook();

  Shortlist found;
  Counts counts;
  Tally rejected;

 private:
  const cost::Block& block(int64_t micro_batch);
  Score floor(const Trunk& trunk, const Schedule& schedule, int64_t micro_batch);
  bool cannot_win(const Score& least) const;
  void visit(const Trunk& trunk);
  void visit(const Trunk& trunk, const Schedule& schedule, const std::vector<Holding>& holdings,
             std::vector<int64_t> sizes);
  void visit(cost::Layout layout, const std::vector<int64_t>& sizes);
  bool weigh(const cost::Layout& layout);

  const Quest& quest_;
  const Plain& plain_;
  const Root& root_;
  const Shortlist& known_;
  const Setting& setting_;
  const int64_t batch_;
  std::vector<std::optional<cost::Block>> blocks_;  // by the batch's divisors
};

}  // namespace heliu::planner
