#include "planner/shortlist.h"

#include <algorithm>
#include <tuple>

namespace heliu::planner {
namespace {

auto shape(const Candidate& c) {
  const Parallel& p = c.layout.parallel;
  return std::tuple(c.devices, p.tp, p.pp, p.cp, p.vpp, p.ep, p.expert_tp, c.layout.micro_batch,
                    c.layout.precision, p.flash_attention);
}

auto traits(const Candidate& c) {
  const Parallel& p = c.layout.parallel;
  return std::tuple(p.sharding, p.sharding_group, p.recompute, p.sequence_parallel, p.zero_bubble,
                    p.offload);
}

auto kind(const Candidate& c) {
  const Parallel& p = c.layout.parallel;
  return std::tuple(p.tp, p.pp, p.ep, p.recompute, p.sharding);
}

}  // namespace

bool better(const Candidate& a, const Candidate& b, Objective by) {
  double mine = part(a.score, by), theirs = part(b.score, by);
  if (mine != theirs) return mine < theirs;
  if (a.step != b.step) return a.step < b.step;
  if (shape(a) != shape(b)) return shape(a) < shape(b);
  return traits(a) < traits(b);
}

bool are_of_a_kind(const Candidate& a, const Candidate& b) { return kind(a) == kind(b); }

bool are_twins(const Candidate& a, const Candidate& b) {
  return a.step == b.step && shape(a) == shape(b);
}

std::vector<Candidate> without_twins(const std::vector<Candidate>& best, size_t count) {
  std::vector<Candidate> all;
  for (const Candidate& one : best)
    if (all.size() < count &&
        std::none_of(all.begin(), all.end(), [&](auto& other) { return are_twins(one, other); }))
      all.push_back(one);
  return all;
}

void Shortlist::offer(const Candidate& candidate, bool within_limits) {
  if (within_limits) keep_best(candidate);
  keep_front(candidate);
}

void Shortlist::merge(const Shortlist& other) {
  for (const Candidate& one : other.best_) keep_best(one);
  for (const Candidate& one : other.front_) keep_front(one);
}

bool Shortlist::excludes(const Score& least) const {
  if (best_.size() < keep_ || part(least, by_) <= part(best_.back().score, by_)) return false;
  for (const Candidate& one : front_)
    if (one.score.time < least.time && one.score.cost <= least.cost &&
        one.score.energy <= least.energy)
      return true;
  return false;
}

// A kind that has to go never comes back: those before it only get better.
void Shortlist::keep_best(const Candidate& candidate) {
  if (best_.size() == keep_ && !better(candidate, best_.back(), by_)) return;
  auto known = std::find_if(best_.begin(), best_.end(),
                            [&](const Candidate& one) { return are_of_a_kind(one, candidate); });
  if (known != best_.end()) {
    if (!better(candidate, *known, by_)) return;
    best_.erase(known);
  }
  auto place =
      std::upper_bound(best_.begin(), best_.end(), candidate,
                       [&](const Candidate& a, const Candidate& b) { return better(a, b, by_); });
  best_.insert(place, candidate);
  if (best_.size() > keep_) best_.pop_back();
}

// In order of time. Of equal scores the simpler layout stays.
void Shortlist::keep_front(const Candidate& candidate) {
  for (const Candidate& one : front_)
    if (dominates(one.score, candidate.score) ||
        (one.score == candidate.score && !better(candidate, one, Objective::time)))
      return;
  std::erase_if(front_, [&](const Candidate& one) {
    return one.score == candidate.score || dominates(candidate.score, one.score);
  });
  auto place = std::upper_bound(
      front_.begin(), front_.end(), candidate,
      [](const Candidate& a, const Candidate& b) { return better(a, b, Objective::time); });
  front_.insert(place, candidate);
}

}  // namespace heliu::planner
