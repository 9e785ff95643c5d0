#include "planner/tree.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/check.h"
#include "planner/walk.h"

namespace heliu::planner {
namespace {

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
