#include "exchange/huggingface.h"

#include <gtest/gtest.h>

#include "exchange/fixtures.h"

namespace heliu::exchange {
namespace {

Model published(const std::string& name, int64_t sequence = 0) {
  auto model = read_huggingface(fixture::config(name), sequence);
  if (!model) ADD_FAILURE() << describe(model.error());
  return model.value_or(Model{});
}

// The first fault of llama-3-8b with one piece of its text replaced.
Error fault(const std::string& from, const std::string& to) {
  SourceText config = fixture::config("llama-3-8b");
  config.text.replace(config.text.find(from), from.size(), to);
  auto model = read_huggingface(config);
  return model ? Error{.message = "accepted"} : model.error();
}

TEST(HuggingFace, CountsParametersAsPublished) {
  // The number of elements in the published checkpoints.
  EXPECT_EQ(parameter_count(published("gpt2")), 124439808);
  EXPECT_EQ(parameter_count(published("llama-2-7b")), 6738415616);
  EXPECT_EQ(parameter_count(published("llama-3-8b")), 8030261248);
  EXPECT_EQ(parameter_count(published("llama-3-70b")), 70553706496);
  EXPECT_EQ(parameter_count(published("llama-3.1-405b")), 405853388800);
  EXPECT_EQ(parameter_count(published("mistral-7b")), 7241732096);
  EXPECT_EQ(parameter_count(published("mixtral-8x7b")), 46702792704);
  EXPECT_EQ(parameter_count(published("qwen2-7b")), 7615616512);
  EXPECT_EQ(parameter_count(published("gpt-neox-20b")), 20554567680);
  EXPECT_EQ(parameter_count(published("deepseek-v2")), 235741434880);
}

TEST(HuggingFace, CountsToARoundingWhereModelsHaveSmallPartsOfTheirOwn) {
  auto expect = [](const std::string& name, double count, double tolerance) {
    EXPECT_NEAR(double(parameter_count(published(name))) / count, 1, tolerance) << name;
  };
  expect("qwen3-8b", 8190735360, 1e-4);            // norms of queries and keys
  expect("qwen3-30b-a3b", 30532122624, 1e-4);      // likewise
  expect("qwen1.5-moe-a2.7b", 14315784192, 1e-4);  // the shared expert's gate
  expect("gpt-oss-20b", 20914757184, 5e-4);        // biases of experts, attention sinks
  expect("kimi-k2", 1026408232448, 1e-6);          // the router's correction biases
}

TEST(HuggingFace, CountsDeepSeekV3WithAndWithoutItsPredictionLayer) {
  Model model = published("deepseek-v3");
  ASSERT_EQ(model.prediction_layers, 1);
  Model main = model;
  main.prediction_layers = 0;

  // 671,026,419,200 with the router's correction biases, 256 in each of 58 layers.
  EXPECT_EQ(parameter_count(main), 671026419200 - 58 * 256);
  EXPECT_NEAR(double(active_parameter_count(main)), 37e9, 0.02 * 37e9);
  // arXiv 2412.19437, section 2.2; the checkpoint's 14 B hold embedding and head again.
  double again = 2.0 * 129280 * 7168;
  EXPECT_NEAR(double(parameter_count(model) - parameter_count(main)) + again, 14e9, 0.05 * 14e9);
}

TEST(HuggingFace, TakesWhatTheFamilyHasWhereKeysAreLeftOut) {
  auto read = [](const std::string& keys) {
    auto model = read_huggingface(
        {"config.json", R"({"num_hidden_layers": 2, "hidden_size": 2048, "num_attention_heads": 32,
        "intermediate_size": 4096, "vocab_size": 1000, "max_position_embeddings": 512, )" +
                            keys + "}"});
    if (!model) ADD_FAILURE() << describe(model.error());
    return model.value_or(Model{});
  };

  EXPECT_EQ(read(R"("model_type": "llama")").kv_heads, 32);
  EXPECT_EQ(read(R"("model_type": "mistral")").kv_heads, 8);
  EXPECT_EQ(read(R"("model_type": "mistral")").window, 4096);
  EXPECT_EQ(read(R"("model_type": "mistral", "sliding_window": null)").window, 0);
  EXPECT_EQ(read(R"("model_type": "qwen3")").head_size, 128);
  EXPECT_EQ(read(R"("model_type": "qwen2", "sliding_window": 64)").window, 0);
  EXPECT_TRUE(has_qkv_biases(read(R"("model_type": "qwen2")")));
  EXPECT_FALSE(has_qkv_biases(read(R"("model_type": "qwen3")")));
  EXPECT_FALSE(is_tied(read(R"("architectures": ["LlamaForCausalLM"])")));
  EXPECT_TRUE(is_tied(read(R"("model_type": "qwen3", "tie_word_embeddings": true)")));
}

TEST(HuggingFace, ReadsWindowsOfEverySecondLayer) {
  Model model = published("gpt-oss-20b");

  EXPECT_EQ(model.window, 128);
  EXPECT_EQ(model.window_every, 2);
  EXPECT_EQ(model.experts.active, 4);
}

TEST(HuggingFace, ReadsTheLanguageModelOfAMultimodalOne) {
  std::string text = fixture::config("qwen2-7b").text;
  std::string wrapped = R"({"model_type": "qwen2_5_vl", "vision_config": {"hidden_size": "x"},
  "text_config": )" + text +
                        "}";

  auto model = read_huggingface({"config.json", wrapped}, 4096);

  ASSERT_TRUE(model) << describe(model.error());
  EXPECT_EQ(*model, published("qwen2-7b", 4096));
}

TEST(HuggingFace, TheSequenceIsTheLongestUnlessAsked) {
  EXPECT_EQ(published("llama-3-8b").sequence, 8192);
  EXPECT_EQ(published("llama-3-8b", 2048).sequence, 2048);
  EXPECT_EQ(read_huggingface(fixture::config("gpt2"), 2048).error().message,
            "the sequence 2048 is longer than n_positions 1024");
}

TEST(HuggingFace, FaultsHaveTheirPlaceAndAHint) {
  Error error = fault("\"model_type\": \"llama\"", "\"model_type\": \"lama\"");
  EXPECT_EQ(error.message, "accepted");  // the architecture is known

  SourceText config = fixture::config("llama-3-8b");
  config.text.replace(config.text.find("LlamaFor"), 8, "LamaFor");
  config.text.replace(config.text.find("\"llama\""), 7, "\"lama\"");
  error = read_huggingface(config).error();
  EXPECT_EQ(error.message, "model_type is not known here: lama");
  EXPECT_EQ(error.where, "llama-3-8b.json:10:3");
  EXPECT_TRUE(error.hint.starts_with("did you mean llama? known are llama, mistral,"));

  EXPECT_EQ(fault("\"num_hidden_layers\": 32", "\"num_hidden_layers\": \"32\"").message,
            "num_hidden_layers must be a whole number: \"32\"");
  EXPECT_EQ(fault("\"num_hidden_layers\": 32", "\"num_hidden_layers\": 99999").message,
            "num_hidden_layers must be at most 10000: 99999");
  EXPECT_EQ(fault("\"num_hidden_layers\": 32", "\"num_hidden_layers\": -1").message,
            "num_hidden_layers must be at least 1: -1");
  EXPECT_EQ(fault("\"num_hidden_layers\": 32,", "").message,
            "the configuration needs the key num_hidden_layers");
  EXPECT_EQ(fault("\"num_key_value_heads\": 8", "\"num_key_value_heads\": 7").message,
            "reading the configuration: heads 32 is not a multiple of kv_heads 7");
  EXPECT_EQ(fault("\"tie_word_embeddings\": false", "\"tie_word_embeddings\": 0").message,
            "tie_word_embeddings must be true or false: 0");
}

TEST(HuggingFace, WhatAModelCannotSayIsNotDropped) {
  SourceText config = fixture::config("qwen3-30b-a3b");
  config.text.replace(config.text.find("\"decoder_sparse_step\": 1"), 24,
                      "\"decoder_sparse_step\": 2");
  EXPECT_EQ(read_huggingface(config).error().message,
            "decoder_sparse_step cannot be said of a model here: 2");
}

TEST(HuggingFace, WhatIsNoConfigurationIsRefused) {
  for (const char* text : {"", "[", "[]", "3", "{}", "{\"model_type\": 3}", "\"x\"", "null"})
    EXPECT_FALSE(read_huggingface({"c", text})) << text;
}

}  // namespace
}  // namespace heliu::exchange
