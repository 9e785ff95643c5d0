#include "spec/workload.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "spec/document.h"

namespace heliu {
namespace {

constexpr const char* poems = R"(workload: poems
kind: train
model: {family: gpt, layers: 4, hidden: 256, heads: 8, sequence: 128}
data: {text: [/usr/share/games/fortunes/tang300], tokenizer: character}
train: {steps: 200, global_batch: 16, learning_rate: 1e-3, precision: bf16, seed: 7}
goal: {minimize: time, deadline: 36 h, budget: 2000 CNY}
)";

TEST(Workload, ReadsWhatAPersonWrites) {
  auto work = read_yaml<Workload>({"w.yaml", poems});

  ASSERT_TRUE(work) << describe(work.error());
  EXPECT_EQ(work->model.layers, 4);
  EXPECT_EQ(work->train.precision, PrecisionWish::bf16);
  EXPECT_DOUBLE_EQ(work->goal.deadline->base(), 36 * 3600);
  EXPECT_DOUBLE_EQ(work->goal.budget->base(), 2000);
}

TEST(Workload, TheFingerprintIgnoresLayoutAndSeesValues) {
  auto work = read_yaml<Workload>({"w.yaml", poems});
  auto same = read_yaml<Workload>({"again.yaml", to_yaml(*work)});
  ASSERT_TRUE(same) << describe(same.error());

  EXPECT_EQ(fingerprint(*work), fingerprint(*same));
  same->train.seed = 8;
  EXPECT_NE(fingerprint(*work), fingerprint(*same));
}

TEST(Workload, EveryKindOfFaultIsTold) {
  auto message = [](const std::string& from, const std::string& to) {
    std::string text = poems;
    text.replace(text.find(from), from.size(), to);
    auto work = read_yaml<Workload>({"w.yaml", text});
    return work ? "accepted" : work.error().code + " " + work.error().message;
  };

  EXPECT_EQ(message("layers: 4", "layers: four"), "HL-E0104 layers must be a whole number: four");
  EXPECT_EQ(message("layers: 4", "layers: 4.5"), "HL-E0104 layers must be a whole number: 4.5");
  EXPECT_EQ(message("layers: 4", "layers: 0"), "HL-E0105 layers must be at least 1: 0");
  EXPECT_EQ(message("layers: 4", "layers: 99999999999999999999"),
            "HL-E0105 layers is out of range: 99999999999999999999");
  EXPECT_EQ(message("layers: 4, ", ""), "HL-E0106 model needs the field layers");
  EXPECT_EQ(message("heads: 8", "heads: 7"), "HL-E0110 hidden 256 is not a multiple of heads 7");
  EXPECT_EQ(message("36 h", "36"), "HL-E0107 deadline: a unit is needed: 36");
  EXPECT_EQ(message("kind: train", "kind: trian"),
            "HL-E0108 kind must be one of train, bench, finetune, serve: trian");
  EXPECT_EQ(message("learning_rate: 1e-3", "learning_rate: nan"),
            "HL-E0104 learning_rate must be a number: nan");
  EXPECT_EQ(message("text: [/usr/share/games/fortunes/tang300]", "text: here"),
            "HL-E0104 text must be a list");
  EXPECT_EQ(
      message("data: {text: [/usr/share/games/fortunes/tang300], tokenizer: character}\n", ""),
      "HL-E0106 a workload of kind train needs data.text, or model.vocabulary to be planned "
      "without data");
}

TEST(Model, CountsGpt2SmallAsPublished) {
  // Radford et al. 2019 with 50257 tokens and 1024 positions: 124,439,808 parameters.
  Model gpt2{.layers = 12, .hidden = 768, .heads = 12, .sequence = 1024, .vocabulary = 50257};

  EXPECT_EQ(parameter_count(gpt2), 124439808);
}

TEST(Model, AFileMayStandForItsFields) {
  auto named = read_yaml<Workload>({"w.yaml", R"(workload: w
kind: train
model: {huggingface: config.json, sequence: 4096}
train: {steps: 1, global_batch: 1}
)"});
  ASSERT_TRUE(named) << describe(named.error());
  EXPECT_EQ(named->model.huggingface, "config.json");

  auto again = read_yaml<Workload>({"w.yaml", to_yaml(*named)});
  ASSERT_TRUE(again) << describe(again.error());
  EXPECT_EQ(again->model, named->model);

  auto both = read_json<Model>({"m", R"({"huggingface": "c", "layers": 2})"});
  EXPECT_EQ(both.error().message, "give the model's fields or huggingface, not both");
}

TEST(Model, PredictionLayersJoinWithAMatrixAndThreeNorms) {
  Model plain{.family = ModelFamily::llama, .layers = 2, .hidden = 8, .heads = 2, .sequence = 4};
  Model predicting = plain;
  predicting.prediction_layers = 1;
  Model three_layers = plain;
  three_layers.layers = 3;

  EXPECT_EQ(parameter_count(predicting), parameter_count(three_layers) + 2 * 8 * 8 + 3 * 8);
}

TEST(Model, QkvBiasesAreCounted) {
  Model plain{.family = ModelFamily::qwen, .layers = 2, .hidden = 8, .heads = 2, .kv_heads = 1};
  Model biased = plain;
  biased.qkv_bias = true;

  EXPECT_EQ(parameter_count(biased), parameter_count(plain) + 2 * (8 + 4 + 4));
}

TEST(Model, OperationsFollowTheSixPerWeightRule) {
  Model gpt2{.layers = 12, .hidden = 768, .heads = 12, .sequence = 1, .vocabulary = 50257};

  EXPECT_NEAR(training_operations_per_token(gpt2) / (6.0 * double(parameter_count(gpt2))), 1,
              0.002);
}

}  // namespace
}  // namespace heliu
