// What a search keeps: the best layout of each of the best few kinds, and those that none beats in
// time, cost and energy at once. What is kept does not depend on the order in which layouts come.
#pragma once

#include <vector>

#include "planner/score.h"

namespace heliu::planner {

struct Candidate {
  cost::Layout layout;
  int devices = 1;
  double step = 0;  // seconds
  Score score;
};

// A total order: the goal, the step, then the simpler layout.
bool better(const Candidate& a, const Candidate& b, Objective by);

// Layouts that a person would call different plans differ in tp, pp, ep, in what is recomputed or
// in what is sharded. Within a kind, micro-batch, context ranks and groups are details: a list of
// the best layouts alone would show one plan and its small variations.
bool are_of_a_kind(const Candidate& a, const Candidate& b);

// Layouts that differ only in how state is kept, with the same step: one stands for all.
bool are_twins(const Candidate& a, const Candidate& b);

// The first `count` of a list in order, but no twin of one before it.
std::vector<Candidate> without_twins(const std::vector<Candidate>& best, size_t count);

class Shortlist {
 public:
  // `keep`: how many kinds.
  Shortlist(Objective by, size_t keep) : by_(by), keep_(keep) {}

  void offer(const Candidate& candidate, bool within_limits);
  void merge(const Shortlist& other);

  // Whether no layout with this score at least can enter.
  bool excludes(const Score& least) const;

  const std::vector<Candidate>& best() const { return best_; }
  const std::vector<Candidate>& front() const { return front_; }

 private:
  void keep_best(const Candidate& candidate);
  void keep_front(const Candidate& candidate);

  Objective by_;
  size_t keep_;
  std::vector<Candidate> best_, front_;
};

}  // namespace heliu::planner
