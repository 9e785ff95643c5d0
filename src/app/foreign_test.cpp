#include "app/foreign.h"

#include <gtest/gtest.h>

namespace heliu::app {
namespace {

constexpr const char* config = R"({"model_type": "llama", "num_hidden_layers": 2, "hidden_size": 64,
  "num_attention_heads": 4, "intermediate_size": 128, "vocab_size": 100,
  "max_position_embeddings": 512})";

constexpr const char* workload = R"(workload: w
kind: train
model: {huggingface: foreign-config.json, sequence: 128}
train: {steps: 10, global_batch: 4}
)";

// What the text says, beside a config.json in its folder.
Result<Workload> read(const std::string& text, Request request = {}) {
  Session session(request);
  std::string folder = testing::TempDir();
  auto kept = session.files().write(folder + "foreign-config.json", config);
  if (!kept) return tl::unexpected(kept.error());
  return workload_of(session, {folder + "w.yaml", text});
}

TEST(Foreign, AModelMayBeNamedByItsConfiguration) {
  auto read_from_file = read(workload);

  ASSERT_TRUE(read_from_file) << describe(read_from_file.error());
  EXPECT_EQ(read_from_file->model.layers, 2);
  EXPECT_EQ(read_from_file->model.sequence, 128);
  EXPECT_TRUE(read_from_file->model.huggingface.empty());
}

TEST(Foreign, TheCommandLineReplacesModelAndSequence) {
  std::string written = R"(workload: w
kind: train
model: {layers: 9, hidden: 8, heads: 2, sequence: 32, vocabulary: 10}
train: {steps: 10, global_batch: 4}
)";
  Request request{.model = testing::TempDir() + "foreign-config.json", .sequence = 256};

  EXPECT_EQ(read(written, request)->model.layers, 2);
  EXPECT_EQ(read(written, request)->model.sequence, 256);
  EXPECT_EQ(read(written, {.sequence = 64})->model.sequence, 64);
}

TEST(Foreign, ReadsMegatronArguments) {
  auto read_script = read(
      "--num-layers 2 --hidden-size 64 --num-attention-heads 4 --seq-length 32 --vocab-size 100 "
      "--micro-batch-size 1 --global-batch-size 4 --train-iters 3",
      {.from = "megatron"});

  ASSERT_TRUE(read_script) << describe(read_script.error());
  EXPECT_EQ(read_script->name, "w");
  EXPECT_EQ(read_script->parallel.micro_batch, 1);
}

TEST(Foreign, OnlyPlainModelsRunHere) {
  Model gpt{.layers = 2, .hidden = 64, .heads = 4, .sequence = 32, .vocabulary = 100};
  Model spelled = gpt;
  spelled.kv_heads = 4;
  spelled.gated = false;
  Model grouped = gpt;
  grouped.kv_heads = 2;

  EXPECT_TRUE(runnable(gpt));
  EXPECT_TRUE(runnable(spelled));
  EXPECT_FALSE(runnable(grouped));
  EXPECT_FALSE(runnable(read(workload)->model));
}

TEST(Foreign, AMissingConfigurationIsToldByItsPath) {
  auto missing = read(workload, {.model = "/nowhere/config.json"});

  EXPECT_EQ(missing.error().kind, Error::Kind::not_found);
  EXPECT_EQ(missing.error().where, "/nowhere/config.json");
}

}  // namespace
}  // namespace heliu::app
