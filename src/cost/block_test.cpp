#include "cost/block.h"

#include <gtest/gtest.h>

#include "cost/cluster_fixture.h"

namespace heliu::cost {
namespace {

using fixture::gpt_22b;
using fixture::round_machine;

Block of(const Model& model, const Split& split, const Habits& habits, bool trains_all = true) {
  return block(model, trains_all, round_machine(), habits, split);
}

// s b h and 5 a s / h of that paper, for the 22-billion model at micro-batch 4.
constexpr double sbh = 2048.0 * 4 * 6144, scores = 5.0 * 64 * 2048 / 6144;

LayerCost layer_of_2022(int tp, bool sequence_parallel) {
  Split split{.tp = tp, .micro_batch = 4, .precision = Precision::fp16};
  split.sequence_parallel = sequence_parallel;
  split.flash_attention = false;
  return of(gpt_22b(), split, fixture::megatron_of_2022()).dense;
}

TEST(Activations, OfALayerAreEquationOneOfKorthikanti) {
  EXPECT_DOUBLE_EQ(layer_of_2022(1, false).kept, sbh * (34 + scores));
}

TEST(Activations, UnderTensorParallelismAreEquationTwo) {
  for (int t : {2, 4, 8})
    EXPECT_DOUBLE_EQ(layer_of_2022(t, false).kept, sbh * (10 + (24 + scores) / t));
}

TEST(Activations, WithSequenceParallelismAreEquationFour) {
  for (int t : {2, 4, 8}) EXPECT_DOUBLE_EQ(layer_of_2022(t, true).kept, sbh * (34 + scores) / t);
}

TEST(Activations, OfSelectiveRecomputeAreTableTwo) {
  for (int t : {2, 8}) {
    EXPECT_DOUBLE_EQ(layer_of_2022(t, true).kept_selective, sbh * 34 / t);
    EXPECT_DOUBLE_EQ(layer_of_2022(t, false).kept_selective, sbh * (10 + 24.0 / t));
  }
}

TEST(Activations, OfFullRecomputeAreTheLayersInput) {
  EXPECT_DOUBLE_EQ(layer_of_2022(8, false).kept_full, 2 * sbh);
}

TEST(Activations, AreSplitByContextParallelism) {
  Split whole, four{.cp = 4};

  Block one = of(fixture::llama_8b(), whole, fixture::plain_habits());
  Block quarter = of(fixture::llama_8b(), four, fixture::plain_habits());

  EXPECT_DOUBLE_EQ(quarter.dense.kept, one.dense.kept / 4);
}

TEST(Activations, OfFrozenWeightsKeepNoInputsOfProducts) {
  Block frozen = of(fixture::llama_8b(), {}, fixture::plain_habits(), false);
  Block learning = of(fixture::llama_8b(), {}, fixture::plain_habits());

  // Inputs of qkv, fc1 (2 s h bytes each) and fc2 (2 s f).
  double inputs = 2 * 8192.0 * (2 * 4096 + 14336);
  EXPECT_DOUBLE_EQ(learning.dense.kept - frozen.dense.kept, inputs);
}

// Six for each weight of a product, and attention's causal half.
TEST(Operations, AreThoseOfTheModelWhateverTheSplit) {
  for (Model m : {gpt_22b(), fixture::llama_8b(), fixture::mixtral_8x7b(), fixture::deepseek_v3()})
    for (int tp : {1, 2, 8}) {
      Split split{.tp = tp, .ep = m.experts.count ? 8 : 1, .micro_batch = 2};
      split.sequence_parallel = tp > 1;
      Block b = of(m, split, fixture::plain_habits());

      double mixtures = double(expert_layers(m)), dense = double(m.layers) - mixtures;
      double rank =
          dense * b.dense.operations + mixtures * b.mixture.operations + b.head.operations;
      double tokens = 2.0 * double(m.sequence);

      // Norms of latent attention count as weights there, 0.02 %.
      EXPECT_NEAR(rank * tp / (training_operations_per_token(m) * tokens), 1, 5e-4);
    }
}

TEST(Operations, OfFrozenWeightsLackTheGradientsOfWeights) {
  Model m = fixture::llama_8b();
  Block all = of(m, {}, fixture::plain_habits()),
        frozen = of(m, {}, fixture::plain_habits(), false);

  double weights = double(attention_parameters(m) + dense_feed_forward_parameters(m));
  EXPECT_NEAR(all.dense.operations - frozen.dense.operations, 2 * weights * 8192, 1e-6 * weights);
}

// Of one replica: every stage's layers, every tensor-parallel rank, every rank of experts.
double parameters_of(const Model& m, int tp, int ep, int expert_tp) {
  Split split{.tp = tp, .ep = ep, .expert_tp = expert_tp};
  split.sequence_parallel = tp > 1;
  Block b = of(m, split, fixture::plain_habits());
  double mixtures = double(expert_layers(m));
  double dense = double(m.layers + m.prediction_layers) - mixtures;
  double shared = dense * b.dense.shared_parameters + mixtures * b.mixture.shared_parameters +
                  b.embedding.parameters + (is_tied(m) ? 0 : b.head.parameters);
  return tp * shared + mixtures * b.mixture.expert_parameters * ep * expert_tp;
}

TEST(Parameters, OfAllRanksAreTheModels) {
  for (Model m :
       {gpt_22b(), fixture::llama_8b(), fixture::mixtral_8x7b(), fixture::deepseek_v3()}) {
    auto norms = double((m.layers + 1) * 4 * m.hidden);
    EXPECT_NEAR(parameters_of(m, 1, 1, 1), double(parameter_count(m)), norms);
  }
}

TEST(Parameters, OfPublishedModelsAreThePublishedNumbers) {
  EXPECT_NEAR(parameters_of(fixture::llama_8b(), 1, 1, 1) / 8.03e9, 1, 0.001);
  EXPECT_NEAR(parameters_of(fixture::mixtral_8x7b(), 1, 1, 1) / 46.7e9, 1, 0.001);
  EXPECT_NEAR(parameters_of(fixture::deepseek_v3(), 1, 1, 1) / 671e9, 1, 0.001);
}

TEST(Parameters, AreTheSameHoweverTheyAreSplit) {
  for (Model m : {fixture::mixtral_8x7b(), fixture::deepseek_v3()}) {
    double whole = parameters_of(m, 1, 1, 1);
    EXPECT_NEAR(parameters_of(m, 1, 8, 1) / whole, 1, 1e-12);
    EXPECT_NEAR(parameters_of(m, 1, 4, 2) / whole, 1, 1e-12);
    // Norms, routers and the matrices down to latent ranks are whole on each tensor-parallel rank.
    const LatentAttention& l = m.latent;
    double down = l.kv_rank ? 7168.0 * (1536 + 512 + 64) * 61 : 0;
    EXPECT_NEAR(parameters_of(m, 4, 8, 1) / (whole + 3 * down), 1, 0.001);
  }
}

TEST(Parameters, OfAPredictionLayerAreALayerAndItsJoin) {
  Model m = fixture::deepseek_v3(), with = m;
  with.prediction_layers = 1;

  double more = double(parameter_count(with) - parameter_count(m));

  EXPECT_NEAR(parameters_of(with, 1, 1, 1) - parameters_of(m, 1, 1, 1), more, 1e-5 * more);
}

TEST(Exchange, OfTensorParallelismIsOneAllReduceForEachHalfOfALayerAndPass) {
  Split split{.tp = 8};
  Block b = of(gpt_22b(), split, fixture::plain_habits());

  // 2 x 7/8 of 2 s h bytes at 100 GB/s, twice (Shoeybi et al., arXiv 1909.08053, section 3).
  double one = 2 * 7.0 / 8 * 2 * 2048 * 6144 / 100e9;
  EXPECT_DOUBLE_EQ(b.dense.forward.tensor, 2 * one);
  EXPECT_DOUBLE_EQ(b.dense.backward.tensor, 2 * one);
}

TEST(Exchange, WithSequenceParallelismSendsAsMuch) {
  Split split{.tp = 8}, sequence = split;
  sequence.sequence_parallel = true;

  EXPECT_DOUBLE_EQ(of(gpt_22b(), split, fixture::plain_habits()).dense.forward.tensor,
                   of(gpt_22b(), sequence, fixture::plain_habits()).dense.forward.tensor);
}

TEST(Exchange, OfExpertsSendsATokenOnceToEachRankThatHasOneOfItsExperts) {
  Split split{.ep = 8};
  Block b = of(fixture::mixtral_8x7b(), split, fixture::plain_habits());

  // 2 experts of 8 ranks reach 8 (1 - (7/8)^2) of them, 7 in 8 of which are others; there and back.
  double reached = 8 * (1 - 49.0 / 64), bytes = 4096.0 * 4096 * 2;
  EXPECT_NEAR(b.mixture.forward.expert, 2 * bytes * reached * 7 / 8 / 100e9, 1e-12);
  EXPECT_EQ(b.dense.forward.expert, 0);
}

TEST(Host, DelaysALayerWhoseKernelsAreShorterThanItsCode) {
  Habits slow = fixture::plain_habits();
  slow.rates.layer_s = 10;

  Block b = of(fixture::llama_8b(), {}, slow);

  EXPECT_NEAR(b.dense.forward.total(), 10, 1e-6);
  EXPECT_NEAR(b.dense.backward.total(), 15, 1e-6);
}

}  // namespace
}  // namespace heliu::cost
