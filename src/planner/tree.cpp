#include "planner/tree.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <numeric>
#include <thread>

#include "base/check.h"
#include "planner/bound.h"

namespace heliu::planner {
namespace {

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

// What is known before the roots are visited, and is the same for many of them.
struct Plain {
  std::vector<std::vector<Schedule>> schedules;  // by pp
  std::vector<Schedule> quickest;                // by pp: the one whose bound is least
  std::vector<int> batch_divisors;
};

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

class Walk {
 public:
  Walk(const Quest& quest, const Plain& plain, const Root& root, const Shortlist& known)
      : quest_(quest),
        plain_(plain),
        root_(root),
        known_(known),
        setting_(quest.setting(root.devices)),
        batch_(int64_t(quest.task.global_batch)),
        blocks_(plain.batch_divisors.size()),
        found(quest.workload.goal.minimize, quest.keep) {}

  void run() {
    for (const Trunk& trunk : trunks_of(quest_.space, quest_.task.model, root_, batch_))
      visit(trunk);
  }

  // Of the root's best layout, by the goal, at least; and how many it has.
  std::pair<double, int64_t> outlook() {
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

  Shortlist take() { return std::move(found); }

 private:
  const Quest& quest_;
  const Plain& plain_;
  const Root& root_;
  const Shortlist& known_;
  const Setting& setting_;
  const int64_t batch_;
  std::vector<std::optional<cost::Block>> blocks_;

 public:
  Shortlist found;
  Counts counts;
  Tally rejected;

 private:
  const cost::Block& block(int64_t micro_batch) {
    auto& all = plain_.batch_divisors;
    auto place = size_t(std::lower_bound(all.begin(), all.end(), micro_batch) - all.begin());
    if (!blocks_[place])
      blocks_[place] = setting_.estimator.block(
          cost::split_of(layout_of(root_, {}, {}, {}, batch_, micro_batch)));
    return *blocks_[place];
  }

  Score floor(const Trunk& trunk, const Schedule& schedule, int64_t micro_batch) {
    cost::Layout layout = layout_of(root_, trunk, schedule, {}, batch_, micro_batch);
    Bound bound =
        at_least(quest_.task.model, layout, block(micro_batch), quest_.habits, setting_.machine);
    return setting_.scoring.at_least(bound.step, bound.computing);
  }

  bool cannot_win(const Score& least) const {
    return quest_.prune && (known_.excludes(least) || found.excludes(least));
  }

  void visit(const Trunk& trunk) {
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

  void visit(const Trunk& trunk, const Schedule& schedule, const std::vector<Holding>& holdings,
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
  void visit(cost::Layout layout, const std::vector<int64_t>& sizes) {
    for (size_t i = 0; i < sizes.size(); ++i) {
      layout.micro_batch = sizes[i];
      layout.micro_batches = batch_ / (layout.parallel.dp * sizes[i]);
      if (weigh(layout)) continue;
      counts.too_large += int64_t(sizes.size() - i);
      return;
    }
  }

  // False: does not fit into memory.
  bool weigh(const cost::Layout& layout) {
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
};

// Calls job(0) to job(count - 1), each once.
template <class Job>
void in_parallel(size_t count, int threads, const Job& job) {
  std::atomic<size_t> next = 0;
  auto work = [&] {
    for (size_t i = next++; i < count; i = next++) job(i);
  };
  std::vector<std::thread> others;
  for (int i = 1; i < threads && size_t(i) < count; ++i) others.emplace_back(work);
  work();
  for (std::thread& one : others) one.join();
}

struct Prospect {
  Root root;
  double least = 0;
  int64_t leaves = 0;
};

// Roots, the most promising first.
std::vector<Prospect> prospects(const Quest& quest, const Plain& plain, int threads) {
  std::vector<Prospect> all;
  for (const Root& root : roots_of(quest.space, quest.task.model)) all.push_back({root});
  Shortlist nothing(quest.workload.goal.minimize, quest.keep);
  constexpr size_t batch = 64;
  in_parallel((all.size() + batch - 1) / batch, threads, [&](size_t b) {
    for (size_t i = b * batch; i < std::min(all.size(), (b + 1) * batch); ++i)
      std::tie(all[i].least, all[i].leaves) = Walk(quest, plain, all[i].root, nothing).outlook();
  });
  std::stable_sort(all.begin(), all.end(),
                   [](const Prospect& a, const Prospect& b) { return a.least < b.least; });
  return all;
}

}  // namespace

Counts& Counts::operator+=(const Counts& other) {
  candidates += other.candidates;
  misfits += other.misfits;
  too_large += other.too_large;
  bounded += other.bounded;
  evaluated += other.evaluated;
  return *this;
}

const Setting& Quest::setting(int devices) const {
  auto place = std::find(space.devices.begin(), space.devices.end(), devices);
  HELIU_CHECK(place != space.devices.end());
  return settings[size_t(place - space.devices.begin())];
}

cost::Task task_of(const Workload& workload) {
  cost::Task task;
  task.model = workload.model;
  task.global_batch = double(workload.train.global_batch);
  task.lora_rank = workload.kind == WorkloadKind::finetune ? workload.finetune.lora_rank : 0;
  task.trains_all = task.lora_rank == 0;
  return task;
}

Quest quest_for(const Workload& workload, const Center& center, const Island& island,
                const cost::Machine& whole, const cost::Habits& habits, Space space, size_t keep) {
  Quest quest{workload, task_of(workload), std::move(space), habits, {}, std::max<size_t>(1, keep)};
  std::erase_if(quest.space.devices,
                [&](int count) { return count < 1 || count > whole.devices(); });
  for (int devices : quest.space.devices) {
    cost::Machine part = whole;
    part.nodes = (devices + whole.devices_per_node - 1) / whole.devices_per_node;
    quest.settings.push_back({part, cost::Estimator(quest.task, part, habits),
                              Scoring(workload, center, island, part, devices)});
  }
  return quest;
}

cost::Estimate estimate(const Quest& quest, const Candidate& candidate) {
  return quest.setting(candidate.devices).estimator.estimate(candidate.layout);
}

// Roots are visited in rounds of fixed sizes. What a round knows is what the rounds before it
// found, never what another thread finds meanwhile: so counts, too, are the same on any number of
// threads.
Findings explore(const Quest& quest, int threads) {
  if (threads <= 0) threads = std::max(1, int(std::thread::hardware_concurrency()));
  Objective by = quest.workload.goal.minimize;
  Findings findings{Shortlist(by, quest.keep), {}, {}};
  Plain plain = plain_of(quest);
  Tally rejected;
  std::vector<Prospect> all = prospects(quest, plain, threads);
  size_t round = 2;
  for (size_t begin = 0; begin < all.size();
       begin += round, round = std::min<size_t>(64, 2 * round)) {
    size_t count = std::min(round, all.size() - begin);
    std::vector<std::optional<Walk>> walks(count);
    in_parallel(count, threads, [&](size_t i) {
      walks[i].emplace(quest, plain, all[begin + i].root, findings.list);
      walks[i]->run();
    });
    for (auto& walk : walks) {
      findings.list.merge(walk->found);
      findings.counts += walk->counts;
      rejected.merge(walk->rejected);
    }
  }
  findings.rejected = rejected.list();
  return findings;
}

}  // namespace heliu::planner
