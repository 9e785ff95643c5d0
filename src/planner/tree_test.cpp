#include "planner/tree.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "planner/bound.h"

namespace heliu::planner {
namespace {

// Choices by counter, so that a case is known by its seed.
class Dice {
 public:
  explicit Dice(uint64_t seed) : seed_(seed) {}
  template <class T>
  T of(std::initializer_list<T> list) {
    return list.begin()[size_t(random_uniform(seed_, next_++) * double(list.size()))];
  }
  double between(double low, double high) {
    return low + (high - low) * random_uniform(seed_, next_++);
  }

 private:
  uint64_t seed_, next_ = 0;
};

Model random_model(Dice& dice) {
  Model m{.family = ModelFamily::llama,
          .layers = dice.of<int64_t>({4, 6, 8}),
          .hidden = dice.of<int64_t>({1024, 2048, 4096}),
          .heads = dice.of<int64_t>({8, 16}),
          .kv_heads = dice.of<int64_t>({0, 4}),
          .sequence = dice.of<int64_t>({1024, 4096}),
          .vocabulary = 32000};
  if (dice.of({false, true}))
    m.experts = {.count = 8,
                 .active = 2,
                 .shared = dice.of<int64_t>({0, 1}),
                 .feed_forward = 1024,
                 .dense_layers = dice.of<int64_t>({0, 1})};
  return m;
}

cost::Machine random_machine(Dice& dice) {
  cost::Machine m;
  for (double& rate : m.matmul) rate = 1e12 * dice.between(50, 900);
  m.attention = 1e12 * dice.between(30, 400);
  m.bandwidth = 1e12 * dice.between(0.5, 6);
  m.memory = 1e9 * dice.between(12, 90);
  m.area = 1e6 * dice.between(0.3, 3);
  m.depth = dice.between(0, 300);
  m.link = 1e9 * dice.between(20, 700);
  m.link_latency = 1e-6 * dice.between(2, 20);
  m.domain = dice.of({4, 8, 16});
  m.network = 1e9 * dice.between(2, 100);
  m.network_latency = 1e-6 * dice.between(5, 40);
  m.devices_per_node = dice.of({4, 8});
  m.nodes = dice.of({1, 2, 3, 4});
  m.device_power = 700;
  return m;
}

struct Case {
  Workload workload;
  Center center;
  Island island;
  cost::Machine machine;
  cost::Habits habits;

  explicit Case(uint64_t seed) {
    Dice dice(seed);
    workload.model = random_model(dice);
    workload.train.global_batch = dice.of<int64_t>({16, 24, 64});
    workload.train.steps = 100;
    workload.goal.minimize = dice.of({Objective::time, Objective::cost, Objective::energy});
    machine = random_machine(dice);
    island.price = HourlyPrice::of(0.004);
    island.failures.node_mtbf = Seconds::of(1e7);
    habits = cost::habits(dice.of<const char*>({"nemo", "torchtitan", "megatron"}), {});
  }
  Quest quest(size_t keep = 3) const {
    Space space = space_for(workload, machine, habits);
    space.zero_bubble = {false, true};
    return quest_for(workload, center, island, machine, habits, space, keep);
  }
};

void expect_same(const Candidate& a, const Candidate& b) {
  EXPECT_EQ(a.layout.parallel, b.layout.parallel);
  EXPECT_EQ(a.layout.micro_batch, b.layout.micro_batch);
  EXPECT_EQ(a.devices, b.devices);
  EXPECT_EQ(a.score, b.score);
}

void expect_same(const std::vector<Candidate>& a, const std::vector<Candidate>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) expect_same(a[i], b[i]);
}

class RandomCase : public testing::TestWithParam<uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Planner, RandomCase, testing::Range<uint64_t>(1, 25));

// Every layout of the space that fits, by plain loops, none left out.
std::vector<Candidate> every_layout(const Quest& q, int64_t& count) {
  std::vector<Candidate> all;
  const Model& model = q.task.model;
  int64_t batch = int64_t(q.task.global_batch);
  for (const Root& root : roots_of(q.space, model))
    for (const Trunk& trunk : trunks_of(q.space, model, root, batch))
      for (int64_t size : micro_batches_of(q.space, batch, trunk.dp))
        for (const Schedule& schedule : schedules_of(q.space, model, trunk.pp))
          for (const Holding& holding :
               holdings_of(q.space, root, trunk.dp, q.setting(root.devices).machine)) {
            ++count;
            cost::Layout layout = layout_of(root, trunk, schedule, holding, batch, size);
            if (cost::misfit(model, layout, root.devices)) continue;
            Candidate one{layout, root.devices, 0, {}};
            cost::Estimate e = estimate(q, one);
            if (!e.fits) continue;
            one.step = e.step;
            one.score = q.setting(root.devices).scoring.of(e);
            all.push_back(one);
          }
  return all;
}

// The list by its definition: in order, and of each kind the first.
std::vector<Candidate> best_of_kinds(std::vector<Candidate> all, Objective by, size_t keep) {
  std::sort(all.begin(), all.end(),
            [by](const Candidate& a, const Candidate& b) { return better(a, b, by); });
  std::vector<Candidate> kinds;
  for (const Candidate& one : all)
    if (kinds.size() < keep && std::none_of(kinds.begin(), kinds.end(), [&](const Candidate& k) {
          return are_of_a_kind(k, one);
        }))
      kinds.push_back(one);
  return kinds;
}

TEST_P(RandomCase, PrunedSearchFindsWhatBruteForceFinds) {
  Quest quest = Case(GetParam()).quest();
  Objective by = quest.workload.goal.minimize;
  int64_t count = 0;
  std::vector<Candidate> all = every_layout(quest, count);
  Shortlist offered(by, quest.keep);
  for (const Candidate& one : all) offered.offer(one, true);

  Findings found = explore(quest, 2);

  expect_same(found.list.best(), best_of_kinds(all, by, quest.keep));
  expect_same(found.list.front(), offered.front());
  EXPECT_EQ(found.counts.candidates, count);
  EXPECT_EQ(count, found.counts.misfits + found.counts.too_large + found.counts.bounded +
                       found.counts.evaluated);
}

TEST(Shortlist, ShowsOneOfTwins) {
  Candidate a, b, c;
  a.step = b.step = c.step = 1;
  a.layout.parallel.sharding = Sharding::zero1;
  b.layout.parallel.sharding = Sharding::zero2;
  c.layout.parallel.tp = 2;
  ASSERT_FALSE(are_of_a_kind(a, b));

  std::vector<Candidate> shown = without_twins({a, b, c}, 2);

  ASSERT_EQ(shown.size(), 2u);
  EXPECT_EQ(shown[1].layout.parallel.tp, 2);
}

TEST_P(RandomCase, ThreadsDoNotChangeAnything) {
  Quest quest = Case(GetParam()).quest();

  Findings one = explore(quest, 1), two = explore(quest, 2), four = explore(quest, 4);

  expect_same(one.list.best(), two.list.best());
  expect_same(one.list.front(), four.list.front());
  EXPECT_EQ(one.counts, two.counts);
  EXPECT_EQ(one.counts, four.counts);
  ASSERT_EQ(one.rejected.size(), two.rejected.size());
  for (size_t i = 0; i < one.rejected.size(); ++i)
    EXPECT_EQ(one.rejected[i].count, two.rejected[i].count);
}

TEST_P(RandomCase, BoundsAreNeverAboveEstimates) {
  Quest q = Case(GetParam()).quest();
  int64_t batch = int64_t(q.task.global_batch), seen = 0;
  for (const Root& root : roots_of(q.space, q.task.model))
    for (const Trunk& trunk : trunks_of(q.space, q.task.model, root, batch)) {
      int64_t size = micro_batches_of(q.space, batch, trunk.dp).back();
      const Setting& setting = q.setting(root.devices);
      for (const Schedule& schedule : schedules_of(q.space, q.task.model, trunk.pp)) {
        cost::Layout layout = layout_of(root, trunk, schedule, {}, batch, size);
        if (cost::misfit(q.task.model, layout, root.devices)) continue;
        cost::Block block = setting.estimator.block(cost::split_of(layout));
        cost::Estimate e = setting.estimator.estimate(layout, block);
        Bound bound = at_least(q.task.model, layout, block, q.habits, setting.machine);
        ASSERT_LE(bound.step, e.step);
        Score least = setting.scoring.at_least(bound.step, bound.computing);
        ASSERT_LE(least.energy, setting.scoring.of(e).energy);
        ++seen;
      }
    }
  EXPECT_GT(seen, 0);
}

// More of anything never makes the best plan slower.
TEST_P(RandomCase, MoreNeverSlowsTheBest) {
  Case here(GetParam());
  here.workload.goal.minimize = Objective::time;
  auto best = [&](const cost::Machine& machine) {
    Case other = here;
    other.machine = machine;
    Findings found = explore(other.quest(1), 2);
    return found.list.best().empty() ? 1e30 : found.list.best()[0].score.time;
  };
  double now = best(here.machine);
  cost::Machine flops = here.machine, memory = here.machine, network = here.machine,
                link = here.machine, bandwidth = here.machine;
  for (double& rate : flops.matmul) rate *= 1.3;
  flops.attention *= 1.3;
  memory.memory *= 1.3;
  network.network *= 1.3;
  link.link *= 1.3;
  bandwidth.bandwidth *= 1.3;

  for (const cost::Machine& more : {flops, memory, network, link, bandwidth})
    EXPECT_LE(best(more), now * (1 + 1e-9));
}

TEST(Tree, KeepsTheGlobalBatch) {
  Quest quest = Case(3).quest(20);

  Findings found = explore(quest);
  for (const Candidate& one : found.list.best())
    EXPECT_EQ(one.layout.parallel.dp * one.layout.micro_batch * one.layout.micro_batches,
              quest.workload.train.global_batch);
}

}  // namespace
}  // namespace heliu::planner
