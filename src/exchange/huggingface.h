// The model that a Hugging Face config.json describes.
//
// Keys and their defaults are those of the configuration classes of `transformers`
// (https://huggingface.co/docs/transformers/model_doc/llama and the pages of the other models).
// Known: Llama, Qwen2 and 3 with their mixtures of experts, Mistral, Mixtral, DeepSeek-V2 and V3,
// Kimi-K2, GPT-2, GPT-NeoX, GPT-OSS; also where one of them is the text_config of a multimodal
// model.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "spec/model.h"

namespace heliu::exchange {

// `sequence`: tokens of a training sequence; 0: the longest the configuration allows. Faults are
// told all at once, each with its place: unknown kinds of model, missing keys, wrong types, numbers
// out of range, and what a Model cannot say (experts in every second layer).
Result<Model> read_huggingface(const SourceText& config_json, int64_t sequence = 0);

// The kinds of model that are known: "llama", "qwen2", ...
std::vector<std::string> huggingface_kinds();

}  // namespace heliu::exchange
