// What holds for every plan on every machine, over thousands of random ones.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "base/random.h"
#include "cost/cluster_fixture.h"
#include "cost/estimate.h"

namespace heliu::cost {
namespace {

constexpr uint64_t cases = 2000;

// Choices by counter, so that a case is known by its seed.
class Dice {
 public:
  explicit Dice(uint64_t seed) : seed_(seed) {}
  template <class T>
  T of(std::initializer_list<T> list) {
    return list.begin()[size_t(random_uniform(seed_, next_++) * double(list.size()))];
  }
  // Evenly in logarithms.
  double between(double low, double high) {
    return low * std::pow(high / low, random_uniform(seed_, next_++));
  }

 private:
  uint64_t seed_, next_ = 0;
};

Model random_model(Dice& dice) {
  using enum ModelFamily;
  Model m = dice.of(
      {fixture::gpt_22b(), fixture::llama_8b(), fixture::mixtral_8x7b(), fixture::deepseek_v3()});
  m.layers = dice.of<int64_t>({8, 13, 24, 61});
  m.sequence = dice.of<int64_t>({512, 2048, 8192});
  if (!m.latent.kv_rank) m.hidden = dice.of<int64_t>({1024, 4096, 12288});
  if (m.family == llama && dice.of({false, true})) m.window = 512, m.window_every = 2;
  if (m.family == deepseek) m.prediction_layers = dice.of<int64_t>({0, 1});
  return m;
}

Machine random_machine(Dice& dice) {
  Machine m;
  for (double& rate : m.matmul) rate = dice.between(50e12, 5e15);
  m.attention = dice.between(20e12, 1e15);
  m.bandwidth = dice.between(0.3e12, 20e12);
  m.memory = dice.between(10e9, 500e9);
  m.area = dice.between(1e5, 5e6);
  m.depth = dice.between(1, 1000);
  m.link = dice.between(10e9, 2e12);
  m.link_latency = dice.between(1e-6, 1e-4);
  m.network = dice.between(1e9, 200e9);
  m.network_latency = dice.between(1e-6, 1e-3);
  m.domain = dice.of({1, 4, 6, 8, 72});
  m.devices_per_node = dice.of({4, 8});
  m.nodes = dice.of({1, 3, 64});
  m.link_reduces = dice.of({false, true});
  m.network_reduces = dice.of({false, true});
  return m;
}

Layout random_layout(Dice& dice, const Model& m) {
  Layout l;
  Parallel& p = l.parallel;
  p.dp = dice.of({1, 2, 8, 64});
  p.tp = dice.of({1, 2, 8});
  p.pp = dice.of({1, 2, 3, 8});
  p.cp = dice.of({1, 2});
  p.vpp = p.pp > 1 ? dice.of({1, 1, 2}) : 1;
  p.ep = m.experts.count ? dice.of({1, 2, 8}) : 1;
  p.sharding = dice.of({Sharding::none, Sharding::zero1, Sharding::zero2, Sharding::zero3});
  p.recompute = dice.of({Recompute::none, Recompute::selective, Recompute::full});
  p.sequence_parallel = dice.of({false, true});
  p.zero_bubble = p.pp > 1 && p.vpp == 1 && dice.of({false, true});
  p.offload = dice.of({false, false, true});
  p.flash_attention = dice.of({true, false});
  l.micro_batch = dice.of<int64_t>({1, 2, 8});
  l.micro_batches = dice.of<int64_t>({1, 4, 13, 64});
  l.precision = dice.of({Precision::bf16, Precision::fp16, Precision::fp8, Precision::nvfp4});
  return l;
}

struct Case {
  Task task;
  Machine machine;
  Habits habits;
  Layout layout;

  explicit Case(uint64_t seed) {
    Dice dice(seed);
    task.model = random_model(dice);
    task.trains_all = dice.of({true, true, true, false});
    task.lora_rank = 16;
    machine = random_machine(dice);
    habits = cost::habits(
        dice.of<const char*>({"nemo", "torchtitan", "megatron", "fsdp", "internevo", "mlperf"}),
        {});
    habits.rates.data_exposed = dice.between(0.01, 1.5);
    do layout = random_layout(dice, task.model);
    while (misfit(task.model, layout, 1 << 20));
  }
  Estimate estimate() const { return estimate_on(machine); }
  Estimate estimate_on(const Machine& other) const {
    return Estimator(task, other, habits).estimate(layout);
  }
};

using Change = void (*)(Machine&, double);
struct Number {
  const char* name;
  Change times;
};
constexpr Number numbers[] = {
    {"matmul",
     [](Machine& m, double f) {
       for (double& rate : m.matmul) rate *= f;
     }},
    {"attention", [](Machine& m, double f) { m.attention *= f; }},
    {"bandwidth", [](Machine& m, double f) { m.bandwidth *= f; }},
    {"memory", [](Machine& m, double f) { m.memory *= f; }},
    {"link", [](Machine& m, double f) { m.link *= f; }},
    {"network", [](Machine& m, double f) { m.network *= f; }},
    {"host link", [](Machine& m, double f) { m.host_link *= f; }},
    {"link latency", [](Machine& m, double f) { m.link_latency /= f; }},
    {"network latency", [](Machine& m, double f) { m.network_latency /= f; }},
    {"area", [](Machine& m, double f) { m.area /= f; }},
    {"depth", [](Machine& m, double f) { m.depth /= f; }}};

TEST(EveryEstimate, IsFiniteAndHasNoClassBelowNothing) {
  for (uint64_t seed = 0; seed < cases; ++seed) {
    Estimate e = Case(seed).estimate();

    ASSERT_TRUE(std::isfinite(e.step) && e.step > 0) << seed;
    ASSERT_TRUE(std::isfinite(e.footprint.total()) && e.footprint.total() > 0) << seed;
    double sum = 0;
    for (double seconds : e.seconds) {
      ASSERT_GE(seconds, 0) << seed;
      sum += seconds;
    }
    ASSERT_NEAR(sum / e.step, 1, 1e-12) << seed;
  }
}

TEST(EveryEstimate, IsNeverSlowerOnABetterMachine) {
  for (uint64_t seed = 0; seed < cases; ++seed) {
    Case one(seed);
    double step = one.estimate().step;
    for (const Number& number : numbers)
      for (double factor : {1.01, 1.5, 10.0}) {
        Machine better = one.machine;
        number.times(better, factor);
        ASSERT_LE(one.estimate_on(better).step, step * (1 + 1e-12))
            << "seed " << seed << ", " << factor << " times better " << number.name;
      }
  }
}

TEST(EveryEstimate, IsContinuousInTheMachine) {
  for (uint64_t seed = 0; seed < cases; ++seed) {
    Case one(seed);
    double step = one.estimate().step;
    for (const Number& number : numbers) {
      Machine near = one.machine;
      number.times(near, 1 + 1e-6);
      ASSERT_NEAR(one.estimate_on(near).step / step, 1, 1e-4)
          << "seed " << seed << ", " << number.name;
    }
  }
}

TEST(EveryEstimate, IsTheSameBytesForTheSameInput) {
  for (uint64_t seed = 0; seed < cases; ++seed) {
    Estimate a = Case(seed).estimate(), b = Case(seed).estimate();

    ASSERT_EQ(std::bit_cast<uint64_t>(a.step), std::bit_cast<uint64_t>(b.step)) << seed;
    for (size_t i = 0; i < a.seconds.size(); ++i)
      ASSERT_EQ(std::bit_cast<uint64_t>(a.seconds[i]), std::bit_cast<uint64_t>(b.seconds[i]))
          << seed;
    ASSERT_EQ(a.footprint.total(), b.footprint.total()) << seed;
  }
}

TEST(EveryEstimate, OfMoreMicroBatchesTakesLonger) {
  for (uint64_t seed = 0; seed < cases; ++seed) {
    Case one(seed), more(seed);
    more.layout.micro_batches += more.layout.parallel.pp;

    ASSERT_GT(more.estimate().step, one.estimate().step) << seed;
  }
}

}  // namespace
}  // namespace heliu::cost
