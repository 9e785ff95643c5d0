#include "cost/observe.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cost/cluster_fixture.h"

namespace heliu::cost {
namespace {

Catalog toys() {
  Chip chip;
  chip.name = "h100-sxm";
  chip.aliases = {"h100"};
  chip.architecture = "hopper";
  chip.peak.bf16 = chip.peak.fp16 = OperationRate::of(989e12);
  chip.peak.fp8 = OperationRate::of(1979e12);
  chip.peak.int8 = OperationRate::of(1979e12);
  chip.memory = {Bytes::of(80e9), "HBM3", Bandwidth::of(3.35e12)};
  chip.scale_up.bandwidth = Bandwidth::of(450e9);
  chip.scale_up.domain = 8;
  Chip older = chip;
  older.name = "a100-80g";
  older.aliases = {};
  older.peak.fp8 = {};
  return {{chip, older}, {}, {}};
}
const Catalog catalog = toys();

// Llama 3 8B on 64 H100.
Measurement row() {
  Measurement m;
  m.id = "one", m.group = "nemo-24.07", m.chip = "h100-sxm", m.precision = "bf16";
  m.model_name = "LLAMA3-8B";
  m.interconnect = "NVLink4 900GB/s; IB NDR 400Gb/s per GPU";
  m.devices = 64, m.devices_per_node = 8;
  m.parameters = 8.03e9;
  m.layers = 32, m.hidden = 4096, m.heads = 32, m.kv_heads = 8;
  m.feed_forward = 14336, m.vocabulary = 128256, m.sequence = 8192;
  m.global_batch = 128, m.micro_batch = 1;
  m.parallel.dp = 64;
  m.step_time = 4;
  return m;
}

Measurement deepseek() {
  Measurement m = row();
  m.group = "mbridge-25.09", m.model_name = "DeepSeekV3";
  m.parameters = 671e9;
  m.layers = 61, m.hidden = 7168, m.heads = 128, m.kv_heads = 128;
  m.feed_forward = 18432, m.vocabulary = 129280, m.sequence = 4096;
  m.experts = 256, m.active_experts = 8;
  m.expert_note =
      "MLA; first 3 layers dense (ffn 18432), 58 MoE layers, expert ffn 2048, 1 shared expert";
  m.parallel.ep = 8;
  return m;
}

// Within 2 % of what is published, or of what its configuration counts to.
void expect_size(const Measurement& m, double parameters) {
  EXPECT_NEAR(double(parameter_count(observe(m, catalog).task.model)) / parameters, 1, 0.02)
      << m.model_name;
}

TEST(Observe, ReadsAPlainRow) {
  Observation o = observe(row(), catalog);

  EXPECT_EQ(o.reason, "");
  EXPECT_EQ(o.chip->name, "h100-sxm");
  EXPECT_EQ(o.framework, "nemo");
  EXPECT_EQ(o.layout.micro_batches, 2);
  EXPECT_EQ(o.cluster.nodes, 8);
  EXPECT_EQ(o.cluster.network, 50e9);
  EXPECT_EQ(o.cluster.network_name, "infiniband");
  expect_size(row(), 8.03e9);
}

TEST(Observe, GivesDeepSeekLatentAttentionAndItsExperts) {
  Model m = observe(deepseek(), catalog).task.model;

  EXPECT_EQ(m.latent, (LatentAttention{.query_rank = 1536, .kv_rank = 512}));
  EXPECT_EQ(expert_layers(m), 58);
  EXPECT_EQ(m.experts, (Experts{256, 8, 1, 2048, 3}));
  EXPECT_EQ(m.prediction_layers, 0);
  expect_size(deepseek(), 671e9);
}

TEST(Observe, KnowsDeepSeekWithoutANote) {
  Measurement silent = deepseek();
  silent.expert_note = "";

  EXPECT_EQ(observe(silent, catalog).task.model, observe(deepseek(), catalog).task.model);
}

TEST(Observe, PredictsFurtherTokensOnlyWhereTheNameSaysSo) {
  Measurement with = deepseek(), without = deepseek();
  with.model_name = "DeepSeekV3 (w/ MTP)";
  without.model_name = "DeepSeekV3 (w/o MTP)";

  EXPECT_EQ(observe(with, catalog).task.model.prediction_layers, 1);
  EXPECT_EQ(observe(without, catalog).task.model.prediction_layers, 0);
}

TEST(Observe, GivesKimiOneDenseLayer) {
  Measurement m = deepseek();
  m.model_name = "Kimi_K2", m.heads = m.kv_heads = 64, m.experts = 384, m.vocabulary = 163840;
  m.expert_note = "MLA; first layer dense; expert ffn 2048; 1 shared expert";

  EXPECT_EQ(observe(m, catalog).task.model.experts.dense_layers, 1);
  expect_size(m, 1.03e12);
}

TEST(Observe, GivesNemotronNoGate) {
  Measurement m = row();
  m.model_name = "Nemotron-8B", m.parameters = 8.5e9;
  m.kv_heads = 32, m.feed_forward = 16384, m.vocabulary = 256000;

  EXPECT_FALSE(is_gated(observe(m, catalog).task.model));
  EXPECT_TRUE(is_gated(observe(row(), catalog).task.model));
}

TEST(Observe, GivesQwenItsOwnHeads) {
  Measurement m = row();
  m.model_name = "Qwen3_30B_a3B", m.parameters = 30.5e9;
  m.layers = 48, m.hidden = 2048, m.kv_heads = 4, m.feed_forward = 768, m.vocabulary = 151936;
  m.experts = 128, m.active_experts = 8, m.expert_note = "all 48 layers MoE, expert ffn 768";

  Model model = observe(m, catalog).task.model;
  EXPECT_EQ(model.family, ModelFamily::qwen);
  EXPECT_EQ(head_size_of(model), 128);
  EXPECT_EQ(expert_layers(model), 48);
  expect_size(m, 30.5e9);
}

TEST(Observe, GivesGptOssAWindowInEverySecondLayer) {
  Measurement m = row();
  m.model_name = "GPT OSS 120B", m.parameters = 116.8e9;
  m.layers = 36, m.hidden = 2880, m.heads = 64, m.kv_heads = 8, m.feed_forward = 2880;
  m.vocabulary = 201088, m.experts = 128, m.active_experts = 4;
  m.expert_note = "all 36 layers MoE; alternating sliding-window 128 attention";

  Model model = observe(m, catalog).task.model;
  EXPECT_EQ(model.window, 128);
  EXPECT_EQ(model.window_every, 2);
  expect_size(m, 116.8e9);
}

TEST(Observe, GivesGptModelsTheirOwn) {
  Measurement m = row();
  m.model_name = "GPT 22B", m.parameters = 22e9, m.group = "seqsel-2022";
  m.layers = 48, m.hidden = 6144, m.heads = m.kv_heads = 64, m.feed_forward = 24576;
  m.vocabulary = 51200, m.sequence = 2048;

  Observation o = observe(m, catalog);
  EXPECT_EQ(o.task.model.family, ModelFamily::gpt);
  EXPECT_FALSE(is_gated(o.task.model));
  EXPECT_EQ(o.framework, "megatron");
  EXPECT_FALSE(o.layout.parallel.flash_attention);
  expect_size(m, 22.1e9);
}

TEST(Observe, TrainsAdaptersWhereTheTaskSaysSo) {
  Measurement m = row();
  m.task = "LoRA", m.model_name = "Llama-2-70B LoRA r8";

  Observation o = observe(m, catalog);
  EXPECT_FALSE(o.task.trains_all);
  EXPECT_EQ(o.task.lora_rank, 8);
}

TEST(Observe, NamesTheFrameworkOfAGroup) {
  auto of = [](const std::string& group) {
    Measurement m = row();
    m.group = group;
    return observe(m, catalog).framework;
  };
  EXPECT_EQ(of("vtrain-single"), "megatron-deepspeed");
  EXPECT_EQ(of("bigscience-a100"), "megatron-deepspeed");
  EXPECT_EQ(of("llmfoundry-h100"), "fsdp");
  EXPECT_EQ(of("torchtitan"), "torchtitan");
  EXPECT_EQ(of("internevo"), "internevo");
  EXPECT_EQ(of("mlperf-v5.0"), "mlperf");
  EXPECT_EQ(of("mbridge-25.09"), "mbridge");
  EXPECT_EQ(of("mine"), "nemo");
}

TEST(Observe, SaysWhyARowCannotBeForecast) {
  auto reason = [](auto change) {
    Measurement m = row();
    change(m);
    return observe(m, catalog).reason;
  };
  EXPECT_EQ(reason([](Measurement& m) { m.chip = "abacus"; }),
            "chip is not in the catalog: abacus");
  EXPECT_EQ(reason([](Measurement& m) { m.precision = "fp7"; }), "precision is not known: fp7");
  EXPECT_EQ(reason([](Measurement& m) { m.precision = "nvfp4"; }), "h100-sxm has no nvfp4");
  EXPECT_EQ(reason([](Measurement& m) { m.chip = "a100-80g", m.precision = "fp8"; }),
            "a100-80g has no fp8");
  EXPECT_EQ(reason([](Measurement& m) { m.parallel.pp = 64; }), "more stages than layers");
  EXPECT_EQ(
      reason([](Measurement& m) { m.layers = 100'000, m.hidden = m.feed_forward = 10'000'000; }),
      "the model has more parameters than can be counted");
}

TEST(Observe, CountsEightBitIntegersWhereTheRowSaysThat) {
  Measurement m = row();
  m.chip = "a100-80g", m.precision = "int8 (AQT)";

  Observation o = observe(m, catalog);
  EXPECT_EQ(o.reason, "");
  EXPECT_TRUE(o.in_int8);
}

TEST(Observe, TakesChipsOfHalfPrecisionAlone) {
  Catalog old = catalog;
  old.chips[1].name = "v100-sxm2";
  old.chips[1].peak.bf16 = {};
  Measurement m = row();
  m.chip = "v100-sxm2", m.precision = "fp16";

  Observation o = observe(m, old);
  EXPECT_EQ(o.reason, "");
  EXPECT_TRUE(std::isfinite(forecast(o, {}).estimate.step));
  m.precision = "bf16";
  EXPECT_EQ(observe(m, old).reason, "v100-sxm2 has no bf16");
}

TEST(Observe, MendsDegreesThatCannotBe) {
  Measurement m = deepseek();
  m.parallel.ep = 48, m.parallel.sharding_group = 48;

  Parallel p = observe(m, catalog).layout.parallel;
  EXPECT_EQ(p.ep, 16);  // the most that 48 has in common with 64 ranks
  EXPECT_EQ(p.sharding_group, 16);
}

TEST(Forecast, OfWhatIsNotSaidRecomputesAsLittleAsFits) {
  Measurement m = row();
  m.micro_batch = 8, m.global_batch = 512;
  m.says_recompute = true;
  Observed none = forecast(observe(m, catalog), {});
  m.parallel.recompute = Recompute::full;
  Observed full = forecast(observe(m, catalog), {});
  m.parallel.recompute = Recompute::none, m.says_recompute = false;
  Observed open = forecast(observe(m, catalog), {});

  ASSERT_FALSE(none.estimate.fits);
  EXPECT_TRUE(open.estimate.fits || !full.estimate.fits);
  EXPECT_GT(open.estimate.step, none.estimate.step);
  EXPECT_LE(open.estimate.step, full.estimate.step * (1 + 1e-12));
  EXPECT_LT(open.estimate.footprint.total(), none.estimate.footprint.total());
}

TEST(Forecast, OfAbsurdRowsIsANumberOrNone) {
  for (int64_t layers : {1, 100'000})
    for (int64_t hidden : {1, 3, 10'000'000})
      for (int64_t heads : {1, 7, 10'000'000})
        for (int degree : {1, 1 << 24})
          for (int64_t batch : {1, 1'000'000'000}) {
            Measurement m = deepseek();
            m.layers = layers, m.hidden = hidden, m.heads = m.kv_heads = heads;
            m.parallel = {.dp = 1, .tp = degree};
            m.devices = degree, m.global_batch = m.micro_batch = batch;
            m.expert_note = "expert ffn 99999999999999999999999999";
            Observation o = observe(m, catalog);
            if (!o.reason.empty()) continue;
            EXPECT_GT(forecast(o, {}).estimate.step, 0);
          }
}

}  // namespace
}  // namespace heliu::cost
