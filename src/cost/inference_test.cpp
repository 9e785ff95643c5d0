#include "cost/inference.h"

#include <gtest/gtest.h>

#include "cost/model_fixture.h"

namespace heliu::cost {
namespace {

using heliu::fixture::deepseek_v3;
using heliu::fixture::llama_70b;

// 1 PFLOPS in 16 bits, 2 in 8; 1 TB of memory at 4 TB/s; 400 GB/s between eight.
Machine machine() {
  Machine m;
  m.matmul[size_t(Precision::bf16)] = 1e15;
  m.matmul[size_t(Precision::fp8)] = 2e15;
  m.attention = 5e14;
  m.bandwidth = 4e12;
  m.memory = 1e12;
  m.area = 1e6;
  m.depth = 200;
  m.link = 400e9;
  m.link_latency = 5e-6;
  m.domain = m.devices_per_node = 8;
  m.network = 50e9;
  m.network_latency = 20e-6;
  m.nodes = 64;
  m.device_power = 700;
  return m;
}

ServingForecast forecast(const Model& model, const Machine& on, const ServingLayout& layout,
                         const Serve& serve, const ServingHabits& habits = {}) {
  return forecast_serving(model, on, habits, layout, serve);
}

TEST(ServingMemory, CountsTheCacheOfGroupedQueryAttention) {
  // 2 x 80 layers x 8 heads x 128 numbers of two bytes.
  EXPECT_DOUBLE_EQ(cache_bytes_per_token(llama_70b(), Precision::bf16), 327680);
  EXPECT_DOUBLE_EQ(cache_bytes_per_token(llama_70b(), Precision::fp8), 163840);
}

TEST(ServingMemory, CountsTheCacheOfLatentAttention) {
  // 61 layers x (512 + 64) numbers of two bytes.
  EXPECT_DOUBLE_EQ(cache_bytes_per_token(deepseek_v3(), Precision::bf16), 70272);
}

TEST(ServingMemory, KeepsNoMoreThanTheWindowInLayersThatHaveOne) {
  Model model = llama_70b();
  model.window = 1000;
  model.window_every = 2;

  double bytes = cache_bytes(model, Precision::bf16, 3000);

  // Half of the layers keep 3000 tokens, half 1000.
  EXPECT_DOUBLE_EQ(bytes, 327680 * 2000.0);
}

TEST(ServingMemory, CutsKeysByHeadsAsFarAsThereAreHeadsAndALatentNot) {
  EXPECT_DOUBLE_EQ(cache_share(llama_70b(), {.tp = 4}), 1.0 / 4);
  EXPECT_DOUBLE_EQ(cache_share(llama_70b(), {.tp = 16}), 1.0 / 8);
  EXPECT_DOUBLE_EQ(cache_share(deepseek_v3(), {.tp = 8}), 1);
}

TEST(ServingMemory, HoldsTheWholeModelOnOneDeviceButForNorms) {
  double weights = weight_bytes(llama_70b(), {});

  EXPECT_NEAR(weights / (2 * double(parameter_count(llama_70b()))), 1, 1e-4);
}

TEST(ServingMemory, SpreadsExpertsOverAllDevicesOfAStage) {
  double one = weight_bytes(deepseek_v3(), {.weights = Precision::fp8});
  double wide = weight_bytes(deepseek_v3(), {.ep = 32, .weights = Precision::fp8});

  // 58 layers x 256 experts x 3 matrices of 7168 x 2048.
  double routed = 58.0 * 256 * 3 * 7168 * 2048;
  EXPECT_NEAR(one - wide, routed * 31 / 32, 1e-6 * routed);
}

TEST(Serving, AnEvenRouterTouchesAllExpertsOnlyOfLargeBatches) {
  EXPECT_NEAR(touched_experts(256, 8, 1), 8, 1e-9);
  // 256 (1 - (31/32)^32)
  EXPECT_NEAR(touched_experts(256, 8, 32), 163.31, 0.01);
  EXPECT_NEAR(touched_experts(256, 8, 1000), 256, 1e-6);
}

TEST(Serving, OneRequestOfADenseModelWaitsForItsWeights) {
  ServingHabits habits{.host_step_s = 0, .layer_s = 0};

  double step = forecast(llama_70b(), machine(), {}, {1024, 256, 1}, habits).token_time_s;

  // 69 G parameters of two bytes, the embedding not read, at 4 TB/s.
  double reading = 2 * (double(parameter_count(llama_70b())) - 32000.0 * 8192) / 4e12;
  EXPECT_GT(step, reading * 0.9999);
  EXPECT_LT(step, reading * 1.02);
}

TEST(Serving, OneRequestOfAMixtureReadsOnlyTheExpertsItVisits) {
  Model model = deepseek_v3();
  ServingHabits habits{.host_step_s = 0, .layer_s = 0};

  ServingForecast f = forecast(model, machine(), {.weights = Precision::fp8}, {128, 1, 1}, habits);

  // 58 layers x (8 + 1) experts, 61 of attention, 3 dense ones; router and head in two bytes.
  double numbers = 58.0 * 9 * double(one_expert_parameters(model)) +
                   61.0 * double(attention_parameters(model)) +
                   3.0 * double(dense_feed_forward_parameters(model));
  double wide = 2 * (58.0 * 256 * 7168 + 129280.0 * 7168);
  EXPECT_NEAR(f.decode.products, (numbers + wide) / 4e12, 0.01 * f.decode.products);
}

TEST(Serving, APromptTakesTheTimeOfItsArithmetic) {
  double first = forecast(llama_70b(), machine(), {}, {8192, 1, 1}).first_token_s;

  double arithmetic = 2.0 * double(parameter_count(llama_70b())) * 8192 / 1e15;
  EXPECT_GT(first, arithmetic);
  EXPECT_LT(first, 1.35 * arithmetic);
}

TEST(Serving, MoreBandwidthNeverMakesAStepLonger) {
  for (const Model& model : {llama_70b(), deepseek_v3()})
    for (int64_t batch : {1, 16, 256}) {
      double before = 1e9;
      for (double bandwidth : {1e12, 2e12, 4e12, 8e12}) {
        Machine m = machine();
        m.bandwidth = bandwidth;
        double step = forecast(model, m, {.tp = 8}, {1024, 256, batch}).token_time_s;
        EXPECT_LE(step, before) << batch << " at " << bandwidth;
        before = step;
      }
    }
}

TEST(Serving, ALargerBatchNeverLowersTheTokensOfAReplica) {
  std::vector<ServingLayout> layouts = {{},
                                        {.tp = 8},
                                        {.tp = 4, .pp = 4},
                                        {.tp = 2, .ep = 16},
                                        {.tp = 8, .pp = 2, .ep = 8, .weights = Precision::fp8}};
  for (const Model& model : {llama_70b(), deepseek_v3()})
    for (ServingLayout layout : layouts) {
      if (!model.experts.count) layout.ep = 1;
      double before = 0;
      for (int64_t batch = 1; batch <= 512; ++batch) {
        double rate = forecast(model, machine(), layout, {700, 200, batch}).tokens_per_s;
        ASSERT_GE(rate, before * (1 - 1e-9)) << layout.tp << layout.pp << layout.ep << " " << batch;
        before = rate;
      }
    }
}

TEST(Serving, TheLargestBatchFitsAndOneMoreDoesNot) {
  Machine m = machine();
  m.memory = 80e9;
  ServingLayout layout{.tp = 4};
  auto largest = int64_t(forecast(llama_70b(), m, layout, {1024, 1024, 1}).largest_batch);

  ASSERT_GT(largest, 1);
  EXPECT_TRUE(forecast(llama_70b(), m, layout, {1024, 1024, largest}).fits);
  EXPECT_FALSE(forecast(llama_70b(), m, layout, {1024, 1024, largest + 1}).fits);
}

TEST(Serving, NothingFitsWhereWeightsAloneAreTooLarge) {
  Machine m = machine();
  m.memory = 80e9;

  ServingForecast f = forecast(llama_70b(), m, {}, {1024, 1024, 1});

  EXPECT_FALSE(f.fits);
  EXPECT_EQ(f.largest_batch, 0);
}

TEST(Serving, NarrowWeightsHelpAChipThatCannotMultiplyThem) {
  Machine m = machine();
  m.matmul[size_t(Precision::fp8)] = 0;

  double wide = forecast(llama_70b(), m, {}, {1024, 256, 1}).token_time_s;
  double narrow =
      forecast(llama_70b(), m, {.weights = Precision::fp8}, {1024, 256, 1}).token_time_s;

  EXPECT_LT(narrow, 0.6 * wide);
}

TEST(Serving, TensorParallelismTradesBandwidthForExchanges) {
  ServingForecast one = forecast(llama_70b(), machine(), {}, {1024, 256, 1});
  ServingForecast eight = forecast(llama_70b(), machine(), {.tp = 8}, {1024, 256, 1});

  EXPECT_LT(eight.token_time_s, one.token_time_s);
  EXPECT_GT(eight.decode.tensor, 0);
  EXPECT_EQ(one.decode.tensor, 0);
  EXPECT_LT(eight.tokens_per_s_per_device, one.tokens_per_s_per_device);
}

TEST(Serving, TeamsReadTheirPromptsSideBySide) {
  Serve long_prompts{8192, 1, 8};

  double one = forecast(deepseek_v3(), machine(), {.ep = 8}, {8192, 1, 1}).batch_s;
  double eight = forecast(deepseek_v3(), machine(), {.ep = 8}, long_prompts).batch_s;

  // Eight teams for eight prompts: only the experts have more to do.
  EXPECT_LT(eight, 4 * one);
}

TEST(Serving, EnergyOfATokenIsPowerTimesTime) {
  Machine m = machine();
  m.node_power = 0.1 * 8;  // next to nothing beside the devices

  ServingForecast f = forecast(llama_70b(), m, {}, {1, 1000, 1});

  // Waiting for memory the chip draws 0.65 of 700 W.
  EXPECT_NEAR(f.joules_per_token, 0.65 * 700 / f.tokens_per_s, 0.02 * f.joules_per_token);
}

}  // namespace
}  // namespace heliu::cost
