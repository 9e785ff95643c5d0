#include "cost/estimate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "cost/cluster_fixture.h"
#include "cost/network.h"

namespace heliu::cost {
namespace {

using enum OperationClass;
using fixture::plain_habits;
using fixture::round_machine;

// Sixteen equal layers with next to nothing before and after them.
Model sixteen_layers() {
  return {.family = ModelFamily::llama,
          .layers = 16,
          .hidden = 4096,
          .heads = 32,
          .sequence = 4096,
          .vocabulary = 1};
}

// A machine that communicates in no time.
Machine silent_machine() {
  Machine m = round_machine();
  m.link = m.network = 1e30;
  return m;
}

Estimate of(const Model& model, const Layout& layout, const Machine& machine = round_machine(),
            const Habits& habits = plain_habits()) {
  Task task{.model = model, .global_batch = 64};
  return Estimator(task, machine, habits).estimate(layout);
}

double sum(const Estimate& e) { return std::accumulate(e.seconds.begin(), e.seconds.end(), 0.0); }

double busy(const Estimate& e) { return e[gemm] + e[attention] + e[elementwise] + e[loss]; }

TEST(Estimate, IsTheSumOfItsClasses) {
  Layout layout{.parallel = {.dp = 2, .tp = 2, .pp = 4}, .micro_batches = 8};

  Estimate e = of(fixture::llama_8b(), layout);

  EXPECT_NEAR(e.step / sum(e), 1, 1e-15);
  for (double seconds : e.seconds) EXPECT_GE(seconds, 0);
}

TEST(Estimate, OfOneDeviceIsItsWorkAtTheRatesOfTheMachine) {
  Model m = fixture::llama_8b();
  Estimate e = of(m, {.micro_batches = 4});

  // Products: 6 operations for each weight, at 100 TFLOPS.
  double weights =
      32.0 * double(attention_parameters(m) + dense_feed_forward_parameters(m)) + 128256.0 * 4096;
  EXPECT_NEAR(e[gemm] / (4 * 6 * weights * 8192 / 100e12), 1, 1e-9);
  EXPECT_EQ(e[bubble] + e[tensor_communication] + e[data_communication], 0);
}

// T = m t + (p - 1) t: Huang et al., arXiv 1811.06965, section 2.3.
TEST(Pipeline, OfEqualStagesIdlesForAllButOneMicroBatch) {
  Layout layout{.parallel = {.pp = 4}, .micro_batches = 8};
  Estimate e = of(sixteen_layers(), layout, silent_machine());

  EXPECT_NEAR(e[bubble] / (busy(e) / 8 * 3), 1, 1e-3);
}

// (p - 1) t / v: Narayanan et al., arXiv 2104.04473, section 2.2.
TEST(Pipeline, OfChunksIdlesForAShareOfThat) {
  Layout layout{.parallel = {.pp = 4, .vpp = 2}, .micro_batches = 8};
  Estimate e = of(sixteen_layers(), layout, silent_machine());

  EXPECT_NEAR(e[bubble] / (busy(e) / 8 * 3 / 2), 1, 1e-3);
}

TEST(Pipeline, WithoutBubblesIdlesForAThird) {
  Layout layout{.parallel = {.pp = 4, .zero_bubble = true}, .micro_batches = 8};
  Estimate e = of(sixteen_layers(), layout, silent_machine());

  EXPECT_NEAR(e[bubble] / (busy(e) / 8 * 3 / 3), 1, 1e-3);
}

TEST(Pipeline, GoesAtThePaceOfItsSlowestStage) {
  Model m = sixteen_layers();
  m.layers = 13;  // 4 and 3, 3, 3: the second stage has what is left over
  Layout layout{.parallel = {.pp = 4}, .micro_batches = 1000};
  Layout alone{.micro_batches = 1000};

  double slow = busy(of(m, layout, silent_machine())), whole = busy(of(m, alone, silent_machine()));

  EXPECT_NEAR(slow / whole, 4.0 / 13, 1e-3);
}

TEST(Stages, HoldAllLayersBetweenThem) {
  for (int64_t layers : {12, 13, 14, 61, 94, 126})
    for (int pp : {1, 2, 3, 4, 8, 12})
      for (int vpp : {1, 2, 3}) {
        Model m = fixture::deepseek_v3();
        m.layers = layers;
        Parallel p{.pp = pp, .vpp = pp > 1 ? vpp : 1};
        double all = 0, dense = 0;
        for (int i = 0; i < pp; ++i) {
          EXPECT_GE(layers_of_stage(m, p, i), dense_layers_of_stage(m, p, i));
          all += layers_of_stage(m, p, i);
          dense += dense_layers_of_stage(m, p, i);
        }
        EXPECT_DOUBLE_EQ(all, double(layers));
        EXPECT_DOUBLE_EQ(dense, 3);
      }
}

TEST(Stages, PutDenseLayersWhereTheModelBegins) {
  Model m = fixture::deepseek_v3();
  m.layers = 64;
  Parallel p{.pp = 32};

  // Two layers to a stage: the three dense ones fill the first and half of the second.
  EXPECT_EQ(dense_layers_of_stage(m, p, 0), 2);
  EXPECT_EQ(dense_layers_of_stage(m, p, 1), 1);
  EXPECT_EQ(dense_layers_of_stage(m, p, 2), 0);
  EXPECT_EQ(typical_stage(m, p), 2);
}

TEST(Zero3, GathersWeightsTwiceAndSumsGradientsForEachMicroBatch) {
  Model m = fixture::llama_8b();
  Layout layout{.parallel = {.dp = 8, .sharding = Sharding::zero3}, .micro_batches = 4};
  Estimate e = of(m, layout);

  // 8.03e9 weights of 2 bytes: 7/8 of them at 100 GB/s, three times each.
  EXPECT_NEAR(e[data_communication] / (4 * 3 * 2 * 8.03e9 * 7 / 8 / 100e9), 1, 1e-3);
}

TEST(Zero1, SumsAndGathersOnceAStep) {
  Layout layout{.parallel = {.dp = 8, .sharding = Sharding::zero1}, .micro_batches = 4};
  Estimate e = of(fixture::llama_8b(), layout);

  EXPECT_NEAR(e[data_communication] / (2 * 2 * 8.03e9 * 7 / 8 / 100e9), 1, 1e-3);
}

TEST(Replicas, AllReduceWhatZero1SumsAndGathers) {
  Layout layout{.parallel = {.dp = 8}, .micro_batches = 4};
  Layout zero1 = layout;
  zero1.parallel.sharding = Sharding::zero1;

  EXPECT_NEAR(of(fixture::llama_8b(), layout)[data_communication] /
                  of(fixture::llama_8b(), zero1)[data_communication],
              1, 1e-9);
}

TEST(Replicas, WaitForTheStageWithTheMostToExchange) {
  Model m = fixture::deepseek_v3();
  m.layers = 62;  // 3 dense and 28 mixtures in the first stage, 31 mixtures in the second
  Layout layout{.parallel = {.dp = 8, .pp = 2, .ep = 4}, .micro_batches = 4};
  Task task{.model = m, .global_batch = 64};
  Estimator estimator(task, round_machine(), plain_habits());
  Block b = estimator.block(split_of(layout));

  // The second stage: a quarter of the experts of 31 layers, over two ranks four apart, and all
  // else over eight. 2 x (n-1)/n of 2 bytes; the two share a domain, as the eight do.
  double experts = 31 * b.mixture.expert_parameters;
  double shared = 31 * b.mixture.shared_parameters + b.head.parameters;
  double time = 2 * 2 * (experts / 2 + shared * 7 / 8) / 100e9;
  EXPECT_NEAR(estimator.estimate(layout, b)[data_communication] / time, 1, 1e-9);
}

TEST(Replicas, HideBehindTheBackwardWhatTheFrameworkOverlaps) {
  Layout layout{.parallel = {.dp = 8}, .micro_batches = 4};
  Habits overlaps = plain_habits();
  overlaps.rates.data_exposed = 0.1;

  double shown = of(fixture::llama_8b(), layout)[data_communication];
  double hidden = of(fixture::llama_8b(), layout, round_machine(), overlaps)[data_communication];

  EXPECT_NEAR(hidden / shown, 0.1, 1e-9);
}

// Rajbhandari et al., arXiv 1910.02054, section 5 and figure 1: 16 bytes a parameter, 2 of them the
// weight and 2 its gradient; the 12 of the optimizer, then the gradient, then the weight are cut.
TEST(Footprint, OfZeroIsThatOfItsPaper) {
  Model m = fixture::llama_8b();
  double n = 8.03e9;
  auto at = [&](Sharding sharding) {
    Layout layout{.parallel = {.dp = 64, .sharding = sharding}};
    return of(m, layout).footprint;
  };
  auto parts = [&](const Footprint& f) { return (f.weights + f.gradients + f.optimizer) / n; };

  EXPECT_NEAR(parts(at(Sharding::none)), 16, 0.01);
  EXPECT_NEAR(parts(at(Sharding::zero1)), 4 + 12.0 / 64, 0.01);
  EXPECT_NEAR(parts(at(Sharding::zero2)), 2 + 14.0 / 64, 0.01);
  EXPECT_NEAR(parts(at(Sharding::zero3)), 16.0 / 64, 0.01);
}

TEST(Footprint, OfASmallerShardingGroupIsLarger) {
  Layout all{.parallel = {.dp = 64, .sharding = Sharding::zero3}}, groups = all;
  groups.parallel.sharding_group = 8;

  EXPECT_NEAR(of(fixture::llama_8b(), groups).footprint.optimizer /
                  of(fixture::llama_8b(), all).footprint.optimizer,
              8, 1e-9);
}

TEST(Footprint, KeepsWhatOneForwardOneBackwardHasInFlight) {
  Model m = sixteen_layers();
  Task task{.model = m, .global_batch = 64};
  Estimator estimator(task, round_machine(), plain_habits());
  Layout layout{.parallel = {.pp = 4}, .micro_batches = 16};
  Block b = estimator.block(split_of(layout));

  // Stage i of p holds p - i micro-batches (arXiv 2104.04473, section 2.2.1), four layers of each.
  double first = estimator.footprint(layout, b, 0).activations;
  double second = estimator.footprint(layout, b, 1).activations;

  EXPECT_NEAR((first - second) / (4 * b.dense.kept), 1, 1e-9);
}

TEST(Footprint, OfOffloadedStateLeavesTheOptimizerOut) {
  Layout layout{.parallel = {.offload = true}};

  EXPECT_EQ(of(fixture::llama_8b(), layout).footprint.optimizer, 0);
}

TEST(Footprint, DecidesWhatFits) {
  Machine m = round_machine();
  Layout layout{.parallel = {.dp = 8, .sharding = Sharding::zero3}};

  double need = of(fixture::llama_8b(), layout, m).footprint.total();
  m.memory = need * 1.001;
  EXPECT_TRUE(of(fixture::llama_8b(), layout, m).fits);
  m.memory = need * 0.999;
  EXPECT_FALSE(of(fixture::llama_8b(), layout, m).fits);
}

TEST(Recompute, TradesTimeForMemory) {
  auto at = [](Recompute recompute) {
    Layout layout{.parallel = {.recompute = recompute, .flash_attention = false},
                  .micro_batches = 4,
                  .precision = Precision::fp16};
    return of(fixture::gpt_22b(), layout, round_machine(), fixture::megatron_of_2022());
  };
  Estimate none = at(Recompute::none), some = at(Recompute::selective), all = at(Recompute::full);

  EXPECT_LT(none.step, some.step);
  EXPECT_LT(some.step, all.step);
  EXPECT_GT(none.footprint.activations, some.footprint.activations);
  EXPECT_GT(some.footprint.activations, all.footprint.activations);
}

TEST(Recompute, InFullIsTheForwardOfTheLayersOnceMore) {
  Layout layout{.parallel = {.recompute = Recompute::full}, .micro_batches = 4};
  Task task{.model = fixture::llama_8b(), .global_batch = 64};
  Estimator estimator(task, round_machine(), plain_habits());

  double forward = estimator.block(split_of(layout)).dense.forward.total();

  EXPECT_NEAR(estimator.estimate(layout)[recompute] / (4 * 32 * forward), 1, 1e-12);
}

TEST(Operations, OfAllRanksAreTheModels) {
  for (Model m : {fixture::llama_8b(), fixture::mixtral_8x7b(), fixture::deepseek_v3()})
    for (int pp : {1, 2, 4, 8}) {
      Layout layout{.parallel = {.tp = 2, .pp = pp}, .micro_batches = 8};
      double rank = of(m, layout).operations;
      double tokens = 8.0 * double(m.sequence);
      EXPECT_NEAR(rank * 2 * pp / (training_operations_per_token(m) * tokens), 1, 5e-4);
    }
}

TEST(Adapters, TakeLessTimeAndMemoryThanTheWholeModel) {
  Task whole{.model = fixture::llama_8b(), .global_batch = 64}, adapters = whole;
  adapters.trains_all = false;
  adapters.lora_rank = 16;
  Layout layout{.micro_batches = 4};

  Estimate all = Estimator(whole, round_machine(), plain_habits()).estimate(layout);
  Estimate few = Estimator(adapters, round_machine(), plain_habits()).estimate(layout);

  EXPECT_NEAR(few[gemm] / all[gemm], 2.0 / 3, 1e-9);  // no gradients of weights
  EXPECT_LT(few.footprint.optimizer, 0.01 * all.footprint.optimizer);
  EXPECT_EQ(few.footprint.weights, all.footprint.weights);
}

TEST(Straggling, GrowsWithEachDoublingOfTheNodes) {
  Habits h = plain_habits();
  h.rates.straggling = 0.01;
  Layout layout{.micro_batches = 4};

  double alone = of(fixture::llama_8b(), layout).step;  // 4 nodes: two doublings
  EXPECT_NEAR(of(fixture::llama_8b(), layout, round_machine(), h).step / alone, 1.02, 1e-9);
}

TEST(Misfit, NamesTheRule) {
  Model m = fixture::llama_8b();
  EXPECT_EQ(misfit(m, {.parallel = {.tp = 8}}, 8), nullptr);
  EXPECT_STREQ(misfit(m, {.parallel = {.tp = 8}}, 4), "more ranks than devices");
  EXPECT_STREQ(misfit(m, {.parallel = {.tp = 3}}, 8), "tp does not divide the heads");
  EXPECT_STREQ(misfit(m, {.parallel = {.pp = 64}}, 64), "more chunks than layers");
  EXPECT_STREQ(misfit(m, {.parallel = {.ep = 2}}, 8), "ep needs experts");
  EXPECT_STREQ(misfit(m, {.parallel = {.vpp = 2}}, 8), "interleaving needs stages");
}

}  // namespace
}  // namespace heliu::cost
