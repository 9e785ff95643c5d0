#include "exchange/megatron_arguments.h"

#include <gtest/gtest.h>

#include "exchange/layer_pattern.h"
#include "exchange/shell_words.h"

namespace heliu::exchange {
namespace {

constexpr const char* gpt3 = R"(#!/bin/bash
# A script as one finds them.
TP=8
NODES=${NNODES:-16}
ARGS=(
    --num-layers 96 --hidden-size 12288   # GPT-3
    --num-attention-heads 96 \
    --seq-length 2048
    --max-position-embeddings 2048
    --vocab-size=50257
    --attention-backend auto
)
PARALLEL="--tensor-model-parallel-size ${TP} --pipeline-model-parallel-size 8
  --num-layers-per-virtual-pipeline-stage 3 --sequence-parallel --use-distributed-optimizer"
torchrun --nproc_per_node 8 --nnodes $NODES pretrain_gpt.py "${ARGS[@]}" $PARALLEL \
  --micro-batch-size 1 --global-batch-size 1536 --train-iters 1000 --lr 6.0e-5 --min-lr 6.0e-6 \
  --lr-warmup-fraction .1 --fp16 --recompute-activations --log-interval 100 --data-path my data
)";

MegatronArguments read(const std::string& script) {
  auto arguments = read_megatron({"train.sh", script});
  if (!arguments) ADD_FAILURE() << describe(arguments.error());
  return arguments.value_or(MegatronArguments{});
}

std::string fault(const std::string& from, const std::string& to) {
  std::string script = gpt3;
  script.replace(script.find(from), from.size(), to);
  auto arguments = read_megatron({"train.sh", script});
  return arguments ? "accepted" : arguments.error().where + " " + arguments.error().message;
}

TEST(MegatronArguments, ReadsAScript) {
  MegatronArguments arguments = read(gpt3);
  const Workload& w = arguments.workload;

  EXPECT_EQ(w.model.family, ModelFamily::gpt);
  EXPECT_EQ(w.model.layers, 96);
  EXPECT_EQ(w.model.vocabulary, 51200);  // 50257 up to a multiple of 128 * 8
  EXPECT_NEAR(double(parameter_count(w.model)), 174.6e9, 0.1e9);  // arXiv 2005.14165, table 2.1
  EXPECT_EQ(w.train.steps, 1000);
  EXPECT_EQ(w.train.warmup_steps, 100);
  EXPECT_DOUBLE_EQ(w.train.learning_rate, 6e-5);
  EXPECT_EQ(w.train.precision, PrecisionWish::fp16);
  EXPECT_EQ(w.parallel.tp, 8);
  EXPECT_EQ(w.parallel.pp, 8);
  EXPECT_EQ(w.parallel.vpp, 4);
  EXPECT_EQ(w.parallel.devices, 128);
  EXPECT_EQ(w.parallel.dp, 2);
  EXPECT_EQ(w.parallel.sharding, Sharding::zero1);
  EXPECT_EQ(w.parallel.recompute, Recompute::selective);
  EXPECT_EQ(arguments.ignored, (std::vector<std::string>{"log-interval", "data-path"}));
}

TEST(MegatronArguments, ReadsExpertsAndLatentAttention) {
  Model m =
      read(R"(--num-layers 27 --hidden-size 2048 --num-attention-heads 16 --ffn-hidden-size 10944
    --seq-length 4096 --vocab-size 102400 --make-vocab-size-divisible-by 1 --swiglu
    --normalization RMSNorm --position-embedding-type rope --disable-bias-linear
    --untie-embeddings-and-output-weights --multi-latent-attention --kv-lora-rank 512
    --qk-head-dim 128 --qk-pos-emb-head-dim 64 --v-head-dim 128 --num-experts 64
    --moe-router-topk 6 --moe-ffn-hidden-size 1408 --moe-shared-expert-intermediate-size 2816
    --moe-layer-freq ([0]+[1]*26) --micro-batch-size 1 --global-batch-size 8 --train-iters 9)")
          .workload.model;

  EXPECT_EQ(m.family, ModelFamily::deepseek);
  EXPECT_EQ(m.experts, (Experts{64, 6, 2, 1408, 1}));
  EXPECT_EQ(parameter_count(m), 15706484224);  // DeepSeek-V2-Lite, as published
}

TEST(MegatronArguments, RecomputationOfBlocksIsAllOrNothing) {
  auto recompute = [](const std::string& layers) {
    std::string script = gpt3;
    std::string some = "--recompute-activations";
    script.replace(script.find(some), some.size(),
                   "--recompute-granularity full --recompute-method block "
                   "--recompute-num-layers " +
                       layers);
    auto arguments = read_megatron({"train.sh", script});
    return arguments ? int(*arguments->workload.parallel.recompute) : -1;
  };

  EXPECT_EQ(recompute("0"), int(Recompute::none));
  EXPECT_EQ(recompute("3"), int(Recompute::full));  // all of a chunk's layers
  EXPECT_EQ(recompute("2"), -1);
}

TEST(MegatronArguments, FaultsHaveTheirPlace) {
  EXPECT_EQ(fault("--num-layers 96", "--num-layers many"),
            "train.sh:6:5 --num-layers must be a whole number: many");
  EXPECT_EQ(fault("--num-layers 96", "--num-layers"), "train.sh:6:5 --num-layers needs a value");
  EXPECT_EQ(fault("--num-layers 96", "--num-layers $L"),
            "train.sh:6:5 --num-layers must be a whole number: $L");
  EXPECT_EQ(fault("--num-layers 96 ", ""), "train.sh the arguments need --num-layers");
  EXPECT_EQ(fault("--hidden-size 12288", "--hidden-size -1"),
            "train.sh:6:21 --hidden-size must be at least 1: -1");
  EXPECT_EQ(fault("--seq-length 2048", "--seq-length 2048 --position-embedding-type sinusoid"),
            "train.sh:8:23 --position-embedding-type must be one of learned_absolute, rope, yarn, "
            "mrope, none: sinusoid");
  EXPECT_EQ(fault("TP=8", "TP=3"),
            "train.sh:15:74 128 devices are not a multiple of tensor x pipeline x context 24");
  EXPECT_EQ(fault("virtual-pipeline-stage 3", "virtual-pipeline-stage 5"),
            "train.sh:15:74 --num-layers-per-virtual-pipeline-stage cannot be said of a workload "
            "here: 5, where 96 layers are split over 8 stages");
  EXPECT_EQ(fault("--data-path my", "--data-path \"my"), "train.sh:17:89 the quote does not end");
}

TEST(ShellWords, FollowsQuotesCommentsAndVariables) {
  auto words = [](const std::string& script) {
    std::string all;
    auto list = shell_words({"s", script});
    if (!list) return list.error().message;
    for (const Word& word : *list) all += "[" + word.text + "]";
    return all;
  };

  EXPECT_EQ(words("a  'b c' \"d e\"f # g"), "[a][b c][d ef]");
  EXPECT_EQ(words("X='1 2'\n$X \"$X\" ${X}3 ${Y:-4} $Z"), "[1][2][1 2][1][23][4][$Z]");
  EXPECT_EQ(words("a\\\nb \\\n c \\$X ''"), "[ab][c][$X][]");
  EXPECT_EQ(words("A=(--x 1) --y=2"), "[--x][1][--y=2]");
}

TEST(ShellWords, VariablesDoNotGrowWithoutEnd) {
  std::string script = "A=xxxxxxxxxxxxxxxx\n";
  for (int i = 0; i < 40; ++i) script += "A=$A$A\n";

  EXPECT_FALSE(shell_words({"s", script}));
}

TEST(LayerPattern, ReadsWhatMegatronWrites) {
  EXPECT_EQ(list_expression("([0]*2 + [1]*3)"), (std::vector<int>{0, 0, 1, 1, 1}));
  EXPECT_EQ(list_expression("[1,0]*2"), (std::vector<int>{1, 0, 1, 0}));
  for (const char* text : {"", "3", "[1", "[1]*", "([1]", "[1]*999999", "[1]]"})
    EXPECT_FALSE(list_expression(text)) << text;
  std::string long_work = "[1]*99000";
  for (int i = 0; i < 200; ++i) long_work += "*1";
  EXPECT_FALSE(list_expression(long_work));
  EXPECT_EQ(pipeline_layout("Et*2|(tt|)*2,mL"), "Ett|tt|tt|mL");
  for (const char* text : {"", "x", "(t", "t)", "t*", "((t*999)*999)*999"})
    EXPECT_FALSE(pipeline_layout(text)) << text;
}

}  // namespace
}  // namespace heliu::exchange
