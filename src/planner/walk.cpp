#include "planner/walk.h"

#include <algorithm>
#include <limits>

#include "planner/bound.h"

namespace heliu::planner {

Plain plain_of(const Quest& quest) {
  Plain plain;
  const Model& model = quest.task.model;
  for (int pp = 0; pp <= int(model.layers); ++pp) {
    plain.schedules.push_back(pp ? schedules_of(quest.space, model, pp) : std::vector<Schedule>{});
    Schedule quick;
    for (const Schedule& one : plain.schedules.back()) {
      quick.vpp = std::max(quick.vpp, one.vpp);
      quick.zero_bubble = quick.zero_bubble || one.zero_bubble;
    }
    plain.quickest.push_back(quick);
  }
  plain.batch_divisors = divisors(int64_t(quest.task.global_batch));
  return plain;
}

Walk::Walk(const Quest& quest, const Plain& plain, const Root& root, const Shortlist& known)
    : found(quest.workload.goal.minimize, quest.keep),
      quest_(quest),
      plain_(plain),
      root_(root),
      known_(known),
      setting_(quest.setting(root.devices)),
      batch_(int64_t(quest.task.global_batch)),
      blocks_(plain.batch_divisors.size()) {}

void Walk::run() {
  for (const Trunk& trunk : trunks_of(quest_.space, quest_.task.model, root_, batch_)) visit(trunk);
}

std::pair<double, int64_t> Walk::outlook() {
  double least = std::numeric_limits<double>::infinity();
  int64_t leaves = 0;
  for (const Trunk& trunk : trunks_of(quest_.space, quest_.task.model, root_, batch_)) {
    auto sizes = micro_batches_of(quest_.space, batch_, trunk.dp);
    leaves += int64_t(sizes.size() * plain_.schedules[size_t(trunk.pp)].size() *
                      holdings_of(quest_.space, root_, trunk.dp, setting_.machine).size());
    for (int64_t size : sizes)
      least = std::min(least, part(floor(trunk, plain_.quickest[size_t(trunk.pp)], size),
                                   quest_.workload.goal.minimize));
  }
  return {least, leaves};
}

const cost::Block& Walk::block(int64_t micro_batch) {
  auto& all = plain_.batch_divisors;
  auto place = size_t(std::lower_bound(all.begin(), all.end(), micro_batch) - all.begin());
  if (!blocks_[place])
    blocks_[place] =
        setting_.estimator.block(cost::split_of(layout_of(root_, {}, {}, {}, batch_, micro_batch)));
  return *blocks_[place];
}

Score Walk::floor(const Trunk& trunk, const Schedule& schedule, int64_t micro_batch) {
  cost::Layout layout = layout_of(root_, trunk, schedule, {}, batch_, micro_batch);
  Bound bound =
      at_least(quest_.task.model, layout, block(micro_batch), quest_.habits, setting_.machine);
  return setting_.scoring.at_least(bound.step, bound.computing);
}

bool Walk::cannot_win(const Score& least) const {
  return quest_.prune && (known_.excludes(least) || found.excludes(least));
}

void Walk::visit(const Trunk& trunk) {
  auto sizes = micro_batches_of(quest_.space, batch_, trunk.dp);
  const auto& schedules = plain_.schedules[size_t(trunk.pp)];
  auto holdings = holdings_of(quest_.space, root_, trunk.dp, setting_.machine);
  int64_t rows = int64_t(schedules.size() * holdings.size());
  counts.candidates += rows * int64_t(sizes.size());
  // Micro-batches that cannot win even with the quickest schedule.
  std::erase_if(sizes, [&](int64_t size) {
    if (!cannot_win(floor(trunk, plain_.quickest[size_t(trunk.pp)], size))) return false;
    counts.bounded += rows;
    return true;
  });
  if (sizes.empty()) return;
  for (const Schedule& schedule : schedules) visit(trunk, schedule, holdings, sizes);
}

void Walk::visit(const Trunk& trunk, const Schedule& schedule, const std::vector<Holding>& holdings,
                 std::vector<int64_t> sizes) {
  std::erase_if(sizes, [&](int64_t size) {
    if (!cannot_win(floor(trunk, schedule, size))) return false;
    counts.bounded += int64_t(holdings.size());
    return true;
  });
  if (sizes.empty()) return;
  for (const Holding& holding : holdings) {
    cost::Layout layout = layout_of(root_, trunk, schedule, holding, batch_, sizes.front());
    if (const char* rule = cost::misfit(quest_.task.model, layout, root_.devices)) {
      counts.misfits += int64_t(sizes.size());
      rejected.add(rule, int64_t(sizes.size()));
      continue;
    }
    visit(layout, sizes);
  }
}

// Larger micro-batches never need less memory: the first that does not fit ends the row.
void Walk::visit(cost::Layout layout, const std::vector<int64_t>& sizes) {
  for (size_t i = 0; i < sizes.size(); ++i) {
    layout.micro_batch = sizes[i];
    layout.micro_batches = batch_ / (layout.parallel.dp * sizes[i]);
    if (weigh(layout)) continue;
    counts.too_large += int64_t(sizes.size() - i);
    return;
  }
}

// False: does not fit into memory.
bool Walk::weigh(const cost::Layout& layout) {
  const cost::Block& one = block(layout.micro_batch);
  const cost::Estimator& estimator = setting_.estimator;
  if (estimator.footprint(layout, one, 0).total() > setting_.machine.memory) return false;
  cost::Estimate estimate = estimator.estimate(layout, one);
  if (!estimate.fits) return false;
  ++counts.evaluated;
  Candidate candidate{layout, root_.devices, estimate.step, setting_.scoring.of(estimate)};
  const char* limit = broken_limit(quest_.workload.goal, candidate.score);
  if (limit) rejected.add(limit, 1);
  found.offer(candidate, !limit);
  return true;
}

}  // namespace heliu::planner
