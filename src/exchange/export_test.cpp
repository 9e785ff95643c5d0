#include "exchange/export.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "exchange/fixtures.h"
#include "exchange/huggingface.h"
#include "exchange/megatron_arguments.h"
#include "exchange/spelled_out.h"

namespace heliu::exchange {
namespace {

// A plan for a well-known model, 4096 tokens a sequence.
Plan plan(const std::string& name, Parallel parallel, int64_t micro_batch = 1,
          int64_t accumulation = 8) {
  Plan p;
  p.id = name;
  p.workload.name = name;
  p.workload.model = read_huggingface(fixture::config(name), name == "gpt2" ? 1024 : 4096).value();
  p.workload.train.steps = 1000;
  p.workload.train.global_batch = micro_batch * accumulation * parallel.dp;
  p.workload.train.warmup_steps = 10;
  p.parallel = parallel;
  p.micro_batch = micro_batch;
  p.accumulation = accumulation;
  p.precision = Precision::bf16;
  p.forecast.step_time = Seconds::of(10);
  p.forecast.total_time = Seconds::of(36000);
  p.forecast.checkpoint_interval = Seconds::of(1805);
  return p;
}

Plan dense(Parallel parallel = {.dp = 4, .tp = 2, .sharding = Sharding::zero1}) {
  return plan("llama-3-8b", parallel);
}

std::string text_of(const Result<std::string>& text) {
  if (!text) ADD_FAILURE() << describe(text.error());
  return text.value_or("");
}

// All that was refused, without the target's name: "a; b".
std::string refused(const Result<std::string>& text) {
  if (text) return "accepted";
  std::string all = text.error().message;
  for (const Error& other : text.error().more) all += "; " + other.message;
  return all;
}

Parallel parallel_of(const Workload& w) {
  const ParallelWish& p = w.parallel;
  return {.dp = p.dp.value_or(0),
          .tp = p.tp.value_or(0),
          .pp = p.pp.value_or(0),
          .cp = p.cp.value_or(0),
          .ep = p.ep.value_or(0),
          .expert_tp = p.expert_tp.value_or(0),
          .vpp = p.vpp.value_or(0),
          .sharding = p.sharding.value_or(Sharding::none),
          .sharding_group = p.sharding_group.value_or(0),
          .recompute = p.recompute.value_or(Recompute::none),
          .sequence_parallel = p.sequence_parallel.value_or(false),
          .zero_bubble = p.zero_bubble.value_or(true),
          .offload = p.offload.value_or(false),
          .flash_attention = p.flash_attention.value_or(false)};
}

void expect_round_trip(const Plan& plan) {
  auto script = write_megatron(plan);
  ASSERT_TRUE(script) << plan.id << ": " << describe(script.error());
  auto read = read_megatron({"train.sh", *script});
  ASSERT_TRUE(read) << *script << describe(read.error());
  const Workload& w = read->workload;
  Model model = plan.workload.model;
  // A Mistral with no window is, argument by argument, a Llama.
  if (model.family == ModelFamily::mistral && !model.window) model.family = ModelFamily::llama;
  // Megatron-LM rounds the vocabulary up until it divides over tensor-parallel ranks.
  model.vocabulary =
      (model.vocabulary + plan.parallel.tp - 1) / plan.parallel.tp * plan.parallel.tp;
  EXPECT_EQ(spelled_out(w.model), spelled_out(model)) << *script;
  EXPECT_EQ(parallel_of(w), plan.parallel) << *script;
  EXPECT_EQ(w.parallel.micro_batch, plan.micro_batch);
  EXPECT_EQ(w.train.global_batch, plan.workload.train.global_batch);
  EXPECT_EQ(w.train.steps, plan.workload.train.steps);
  EXPECT_EQ(w.train.learning_rate, plan.workload.train.learning_rate);
  EXPECT_EQ(w.train.beta2, plan.workload.train.beta2);
  // A wish has one word more: auto.
  EXPECT_EQ(int(w.train.precision) - 1, int(plan.precision));
}

TEST(Megatron, WhatIsWrittenReadsBackAsTheSameModelAndPlan) {
  for (const char* name :
       {"gpt2", "llama-2-7b", "llama-3-8b", "llama-3.1-405b", "mistral-7b", "mixtral-8x7b",
        "qwen2-7b", "qwen1.5-moe-a2.7b", "qwen3-8b", "qwen3-30b-a3b", "deepseek-v2", "deepseek-v3",
        "kimi-k2", "gpt-neox-20b", "gpt-oss-20b"}) {
    expect_round_trip(plan(name, {}));
    expect_round_trip(plan(name, {.dp = 4, .pp = 3, .cp = 2, .sharding = Sharding::zero1}));
    expect_round_trip(plan(name,
                           {.dp = 2,
                            .tp = 4,
                            .pp = 2,
                            .vpp = 2,
                            .sharding = Sharding::zero3,
                            .sharding_group = 1,
                            .recompute = Recompute::full,
                            .sequence_parallel = true,
                            .flash_attention = false},
                           2, 4));
  }
}

TEST(Megatron, EveryTraitOfAPlanSurvives) {
  Parallel base{.dp = 8, .tp = 2, .sharding = Sharding::zero1};
  for (Sharding sharding : {Sharding::none, Sharding::zero1, Sharding::zero2, Sharding::zero3})
    for (Recompute recompute : {Recompute::none, Recompute::selective, Recompute::full})
      for (bool offload : {false, true}) {
        Parallel parallel = base;
        parallel.sharding = sharding;
        parallel.recompute = recompute;
        parallel.offload = offload && sharding != Sharding::none;
        expect_round_trip(plan("llama-3-8b", parallel));
      }
  for (Precision precision : {Precision::fp32, Precision::bf16, Precision::fp16, Precision::fp8,
                              Precision::mxfp8, Precision::nvfp4}) {
    Plan p =
        plan("deepseek-v3", {.dp = 16, .tp = 2, .pp = 16, .ep = 32, .sharding = Sharding::zero1});
    p.precision = precision;
    expect_round_trip(p);
  }
}

TEST(Megatron, UnevenStagesAreWrittenAsALayout) {
  Plan p = plan("deepseek-v3", {.dp = 2, .pp = 16, .ep = 2, .sharding = Sharding::zero1});
  EXPECT_NE(text_of(write_megatron(p))
                .find("--pipeline-model-parallel-layout 'Et*4|t*4|t*4|t*4|t*4|t*4|t*4|t*4|t*4|t*4|"
                      "t*4|t*4|t*4|t*3|t*3|t*3mL'"),
            std::string::npos);

  p.forecast.stages.assign(16, {.layers = 4});
  p.forecast.stages.back().layers = 1;
  EXPECT_NE(text_of(write_megatron(p)).find("|t*4|t*1mL'"), std::string::npos);
}

TEST(Megatron, RefusesWhatItCannotSay) {
  Plan p = dense({.dp = 4, .zero_bubble = true, .offload = true});
  p.precision = Precision::tf32;
  p.outer_steps = 50;
  EXPECT_EQ(refused(write_megatron(p)),
            "Megatron-LM cannot express steps between averaging: outer_steps 50; "
            "Megatron-LM cannot express a zero-bubble schedule; "
            "Megatron-LM cannot express an offloaded optimizer that is not sharded; "
            "Megatron-LM cannot express tf32 by an argument");

  Plan odd = dense();
  odd.workload.train.global_batch = 33;
  EXPECT_EQ(refused(write_megatron(odd)),
            "micro_batch x accumulation x dp is 32, not the global batch 33");
  EXPECT_EQ(refused(write_megatron(dense({.dp = 12}))), "12 ranks do not fill nodes of 8 devices");
}

TEST(Sbatch, HasNodesLimitAndCheckpoints) {
  std::string script = text_of(write_sbatch(dense({.dp = 16, .sharding = Sharding::zero1})));

  for (const char* line :
       {"#SBATCH --nodes=2\n", "#SBATCH --gpus-per-node=8\n", "#SBATCH --time=0-12:30:00\n",
        "#SBATCH --requeue\n", "#SBATCH --job-name=llama-3-8b\n", "--save-interval 180 ",
        "srun torchrun --nproc-per-node 8 --nnodes 2 "})
    EXPECT_NE(script.find(line), std::string::npos) << line << script;
  // The same arguments: the reader finds the same model in it.
  EXPECT_EQ(read_megatron({"job.sbatch", script})->workload.model.layers, 32);
}

TEST(Sbatch, NeedsAForecast) {
  Plan p = dense();
  p.forecast = {};
  EXPECT_EQ(refused(write_sbatch(p)), "the plan's forecast has no total time to set a limit by");
}

TEST(DeepSpeed, SaysBatchesZeroAndOffload) {
  Parallel parallel{.dp = 4, .sharding = Sharding::zero3, .sharding_group = 2, .offload = true};

  auto config = nlohmann::json::parse(text_of(write_deepspeed(dense(parallel))));

  EXPECT_EQ(config["train_batch_size"], 32);
  EXPECT_EQ(config["train_micro_batch_size_per_gpu"], 1);
  EXPECT_EQ(config["gradient_accumulation_steps"], 8);
  EXPECT_EQ(config["zero_optimization"]["stage"], 3);
  EXPECT_EQ(config["zero_optimization"]["mics_shard_size"], 2);
  EXPECT_EQ(config["zero_optimization"]["offload_optimizer"]["device"], "cpu");
  EXPECT_EQ(config["bf16"]["enabled"], true);
  EXPECT_EQ(config["scheduler"]["params"]["total_num_steps"], 1000);
}

TEST(DeepSpeed, SaysTensorRanksOrPipelineStages) {
  Parallel parallel{.dp = 2, .pp = 4, .sharding = Sharding::zero1, .recompute = Recompute::full};

  auto config = nlohmann::json::parse(text_of(write_deepspeed(dense({.dp = 2, .tp = 2}))));
  EXPECT_EQ(config["tensor_parallel"]["autotp_size"], 2);

  config = nlohmann::json::parse(text_of(write_deepspeed(dense(parallel))));
  EXPECT_EQ(config["pipeline"]["stages"], 4);
  EXPECT_EQ(config["pipeline"]["activation_checkpoint_interval"], 1);
}

TEST(DeepSpeed, RefusesWhatItCannotSay) {
  EXPECT_EQ(refused(write_deepspeed(plan("mixtral-8x7b", {.dp = 4,
                                                          .tp = 2,
                                                          .pp = 2,
                                                          .cp = 2,
                                                          .ep = 2,
                                                          .vpp = 2,
                                                          .sharding = Sharding::zero2,
                                                          .recompute = Recompute::selective,
                                                          .sequence_parallel = true}))),
            "DeepSpeed cannot express context parallelism: cp 2; "
            "DeepSpeed cannot express expert parallelism in its configuration: ep 2; "
            "DeepSpeed cannot express interleaved stages: vpp 2; "
            "DeepSpeed cannot express sequence parallelism over tensor ranks; "
            "DeepSpeed cannot express tensor ranks within pipeline stages: tp 2, pp 2; "
            "DeepSpeed cannot express pipeline stages with ZeRO-2 or ZeRO-3: pp 2; "
            "DeepSpeed cannot express selective recomputation");
}

TEST(Torchtitan, WritesAJobConfiguration) {
  Plan p = dense({.dp = 8,
                  .tp = 2,
                  .pp = 2,
                  .vpp = 2,
                  .sharding = Sharding::zero3,
                  .sharding_group = 4,
                  .recompute = Recompute::full,
                  .sequence_parallel = true});
  p.precision = Precision::fp8;

  std::string toml = text_of(write_torchtitan(p));

  for (const char* line :
       {"[model]\nname = \"llama3\"\nflavor = \"8B\"\nconverters = [\"quantize.linear.float8\"]\n",
        "local_batch_size = 8\nglobal_batch_size = 64\nseq_len = 4096\n",
        "data_parallel_replicate_degree = 2\ndata_parallel_shard_degree = 4\n",
        "tensor_parallel_degree = 2\n", "pipeline_parallel_schedule = \"Interleaved1F1B\"\n",
        "pipeline_parallel_layers_per_stage = 8\n", "[activation_checkpoint]\nmode = \"full\"\n"})
    EXPECT_NE(toml.find(line), std::string::npos) << line << "\n" << toml;
}

TEST(Torchtitan, KnowsItsFlavorsByShape) {
  auto flavor = [](const std::string& name) {
    Plan p = plan(name, {.dp = 8, .sharding = Sharding::zero3});
    p.workload.model.prediction_layers = 0;
    std::string toml = text_of(write_torchtitan(p));
    size_t at = toml.find("flavor = \"") + 10;
    return toml.substr(at, toml.find('"', at) - at);
  };

  EXPECT_EQ(flavor("llama-3.1-405b"), "405B");
  EXPECT_EQ(flavor("qwen3-8b"), "8B");
  EXPECT_EQ(flavor("qwen3-30b-a3b"), "30B-A3B");
  EXPECT_EQ(flavor("deepseek-v2"), "236B");
  EXPECT_EQ(flavor("deepseek-v3"), "671B");
  EXPECT_EQ(flavor("gpt-oss-20b"), "20b");
}

TEST(Torchtitan, RefusesWhatItCannotSay) {
  EXPECT_EQ(refused(write_torchtitan(plan("deepseek-v3", {.dp = 8, .sharding = Sharding::zero3}))),
            "torchtitan cannot express multi-token prediction: prediction_layers");
  EXPECT_EQ(refused(write_torchtitan(plan("mistral-7b", {.dp = 4, .tp = 2}))),
            "torchtitan cannot express tensor parallelism without sequence parallelism: tp 2; "
            "torchtitan cannot express a model of this shape: it knows models by name");
  EXPECT_EQ(refused(write_torchtitan(dense({.dp = 4, .sharding = Sharding::zero1}))),
            "torchtitan cannot express sharding of the optimizer's state alone: zero1");
  EXPECT_EQ(refused(write_torchtitan(dense({.pp = 12, .sharding = Sharding::zero3}))),
            "torchtitan cannot express 32 layers in 12 stages");
}

}  // namespace
}  // namespace heliu::exchange
