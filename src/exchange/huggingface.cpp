#include "exchange/huggingface.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "exchange/field.h"
#include "exchange/json_object.h"
#include "spec/document.h"

namespace heliu::exchange {
namespace {

// How a family writes its configuration, and what it means where it leaves keys out.
struct Kind {
  std::string_view type, architecture;
  ModelFamily family;
  int64_t kv_heads = 0;   // where num_key_value_heads is left out; 0: as many as heads
  int64_t head_size = 0;  // where head_dim is left out; 0: hidden / heads
  int64_t window = 0;     // where sliding_window is left out
  bool qkv_bias = false;
  const char* experts = nullptr;  // the key with their number
};

constexpr Kind kinds[] = {
    {"llama", "LlamaForCausalLM", ModelFamily::llama},
    {"mistral", "MistralForCausalLM", ModelFamily::mistral, 8, 0, 4096},
    {"mixtral", "MixtralForCausalLM", ModelFamily::mixtral, 8, 0, 0, false, "num_local_experts"},
    {"qwen2", "Qwen2ForCausalLM", ModelFamily::qwen, 32, 0, 4096, true},
    {"qwen2_moe", "Qwen2MoeForCausalLM", ModelFamily::qwen, 16, 0, 4096, true, "num_experts"},
    {"qwen3", "Qwen3ForCausalLM", ModelFamily::qwen, 32, 128, 4096},
    {"qwen3_moe", "Qwen3MoeForCausalLM", ModelFamily::qwen, 4, 0, 4096, false, "num_experts"},
    {"deepseek_v2", "DeepseekV2ForCausalLM", ModelFamily::deepseek, 0, 0, 0, false,
     "n_routed_experts"},
    {"deepseek_v3", "DeepseekV3ForCausalLM", ModelFamily::deepseek, 0, 0, 0, false,
     "n_routed_experts"},
    {"kimi_k2", "KimiK2ForCausalLM", ModelFamily::deepseek, 0, 0, 0, false, "n_routed_experts"},
    {"gpt2", "GPT2LMHeadModel", ModelFamily::gpt},
    {"gpt_neox", "GPTNeoXForCausalLM", ModelFamily::gpt_neox},
    {"gpt_oss", "GptOssForCausalLM", ModelFamily::gpt_oss, 8, 64, 128, true, "num_local_experts"},
    // The language models within multimodal ones.
    {"qwen2_vl_text", "", ModelFamily::qwen, 32, 0, 4096, true},
    {"qwen2_5_vl_text", "", ModelFamily::qwen, 32, 0, 4096, true},
    {"qwen3_vl_text", "", ModelFamily::qwen, 32, 128, 4096},
    {"qwen3_vl_moe_text", "", ModelFamily::qwen, 4, 0, 4096, false, "num_experts"},
};

const FieldInfo& row(const std::string& path) { return field_of(table<Model>(), path); }

// By model_type, or else by the first of the architectures.
const Kind* kind_of(JsonObject& object) {
  std::string type = object.text("model_type").value_or("");
  std::vector<std::string> architectures = object.text_list("architectures");
  for (const Kind& kind : kinds)
    if (kind.type == type) return &kind;
  for (const Kind& kind : kinds)
    if (!architectures.empty() && kind.architecture == architectures.front()) return &kind;
  if (type.empty() && architectures.empty()) {
    object.fault("HL-E0106", "the configuration needs the key model_type", "model_type",
                 fmt::format("known are {}", fmt::join(huggingface_kinds(), ", ")));
    return nullptr;
  }
  auto meant = did_you_mean(type, huggingface_kinds());
  object.fault(
      "HL-E0108",
      fmt::format("model_type is not known here: {}", type.empty() ? architectures.front() : type),
      type.empty() ? "architectures" : "model_type",
      (meant ? fmt::format("did you mean {}? ", *meant) : "") +
          fmt::format("known are {}", fmt::join(huggingface_kinds(), ", ")));
  return nullptr;
}

void inexpressible(JsonObject& object, const std::string& key, const std::string& what) {
  object.fault("HL-E0110", fmt::format("{} cannot be said of a model here: {}", key, what), key);
}

void read_gpt2(JsonObject& object, Model& m, int64_t sequence) {
  m.layers = object.number("n_layer", row("layers"));
  m.hidden = object.number("n_embd", row("hidden"));
  m.heads = object.number("n_head", row("heads"));
  m.feed_forward = object.number("n_inner", row("feed_forward"), 4 * m.hidden);
  m.vocabulary = object.number("vocab_size", row("vocabulary"));
  int64_t positions = object.number("n_positions", row("sequence"), 1024);
  m.sequence = sequence ? sequence : positions;
  if (m.sequence > positions)
    object.fault("HL-E0110",
                 fmt::format("the sequence {} is longer than n_positions {}", sequence, positions),
                 "n_positions");
}

void read_common(JsonObject& object, Model& m, int64_t sequence) {
  m.layers = object.number("num_hidden_layers", row("layers"));
  m.hidden = object.number("hidden_size", row("hidden"));
  m.heads = object.number("num_attention_heads", row("heads"));
  m.feed_forward = object.number("intermediate_size", row("feed_forward"));
  m.vocabulary = object.number("vocab_size", row("vocabulary"));
  m.sequence = sequence ? sequence : object.number("max_position_embeddings", row("sequence"));
  if (object.flag("mlp_bias") == true) inexpressible(object, "mlp_bias", "true");
}

// One layer in how many slides its window; layer_types says it layer by layer.
void read_layer_types(JsonObject& object, Model& m) {
  std::vector<int64_t> sliding;
  std::vector<std::string> types = object.text_list("layer_types");
  for (size_t i = 0; i < types.size(); ++i)
    if (types[i] == "sliding_attention") sliding.push_back(int64_t(i));
  if (sliding.empty()) {
    m.window = 0;
    return;
  }
  m.window_every = sliding.size() > 1 ? sliding[1] - sliding[0] : int64_t(types.size());
  for (size_t i = 0; i < sliding.size(); ++i)
    if (sliding[i] != sliding[0] + int64_t(i) * m.window_every || sliding[0] >= m.window_every)
      return inexpressible(object, "layer_types", "sliding layers at uneven distances");
}

void read_window(JsonObject& object, const Kind& kind, Model& m) {
  // Given as null, it is off; left out, it is what the family has.
  bool given = object.stands("sliding_window");
  m.window = object.number("sliding_window", row("window"), given ? 0 : kind.window, 0);
  bool optional = kind.type.starts_with("qwen");
  if (optional && !object.flag("use_sliding_window").value_or(false)) m.window = 0;
  if (!m.window) return;
  if (object.has("layer_types")) return read_layer_types(object, m);
  if (kind.family == ModelFamily::gpt_oss) m.window_every = 2;
  int64_t full = object.whole("max_window_layers").value_or(optional ? 28 : 0);
  if (!optional || full <= 0) return;
  if (full < m.layers)
    inexpressible(object, "max_window_layers", fmt::format("a window from layer {} on", full));
  m.window = 0;
}

// Layers without experts must be the first ones.
int64_t read_dense_layers(JsonObject& object) {
  if (int64_t step = object.whole("decoder_sparse_step").value_or(1); step != 1)
    inexpressible(object, "decoder_sparse_step", std::to_string(step));
  if (int64_t step = object.whole("moe_layer_freq").value_or(1); step != 1)
    inexpressible(object, "moe_layer_freq", std::to_string(step));
  std::vector<int64_t> dense = object.whole_list("mlp_only_layers");
  for (size_t i = 0; i < dense.size(); ++i)
    if (dense[i] != int64_t(i)) {
      inexpressible(object, "mlp_only_layers", "layers that are not the first ones");
      break;
    }
  return object.number("first_k_dense_replace", row("experts.dense_layers"), int64_t(dense.size()),
                       0);
}

void read_experts(JsonObject& object, const Kind& kind, Model& m) {
  // DeepSeek writes null for a model without experts.
  if (kind.family == ModelFamily::deepseek && !object.has(kind.experts)) return;
  Experts& e = m.experts;
  e.count = object.number(kind.experts, row("experts.count"));
  bool short_key = object.has("experts_per_token") && !object.has("num_experts_per_tok");
  e.active =
      object.number(short_key ? "experts_per_token" : "num_experts_per_tok", row("experts.active"));
  bool own_width = object.has("moe_intermediate_size");
  e.feed_forward = own_width ? object.number("moe_intermediate_size", row("experts.feed_forward"))
                             : m.feed_forward;
  e.shared = object.number("n_shared_experts", row("experts.shared"), 0, 0);
  e.dense_layers = read_dense_layers(object);
  int64_t shared = object.number("shared_expert_intermediate_size", row("feed_forward"), 0, 0);
  if (e.feed_forward && shared % e.feed_forward)
    inexpressible(object, "shared_expert_intermediate_size",
                  fmt::format("{}, not a multiple of {}", shared, e.feed_forward));
  else if (e.feed_forward && shared)
    e.shared = shared / e.feed_forward;
}

void read_latent(JsonObject& object, Model& m) {
  LatentAttention& a = m.latent;
  a.kv_rank = object.number("kv_lora_rank", row("latent.kv_rank"));
  a.query_rank = object.number("q_lora_rank", row("latent.query_rank"), 0, 0);
  a.nope_head = object.number("qk_nope_head_dim", row("latent.nope_head"), 128);
  a.rope_head = object.number("qk_rope_head_dim", row("latent.rope_head"), 64);
  a.value_head = object.number("v_head_dim", row("latent.value_head"), 128);
  m.prediction_layers = object.number("num_nextn_predict_layers", row("prediction_layers"), 0, 0);
}

void read_attention(JsonObject& object, const Kind& kind, Model& m) {
  bool given = object.stands("num_key_value_heads");
  int64_t standard = given || !kind.kv_heads ? m.heads : kind.kv_heads;
  m.kv_heads = object.number("num_key_value_heads", row("kv_heads"), standard);
  m.head_size = object.number("head_dim", row("head_size"), kind.head_size, 1);
  bool bias = object.flag("attention_bias").value_or(kind.qkv_bias);
  bias = object.flag("qkv_bias").value_or(bias);
  if (bias) m.qkv_bias = true;
  read_window(object, kind, m);
}

Model read_model(JsonObject& object, const Kind& kind, int64_t sequence) {
  Model m{.family = kind.family};
  if (kind.family == ModelFamily::gpt) {
    read_gpt2(object, m, sequence);
    return m;
  }
  read_common(object, m, sequence);
  if (kind.family == ModelFamily::gpt_neox) return m;
  if (kind.family == ModelFamily::deepseek)
    read_latent(object, m);
  else
    read_attention(object, kind, m);
  if (kind.experts) read_experts(object, kind, m);
  return m;
}

// What the fields must fulfil together, as in a workload.
Result<Model> checked(const Model& model, const SourceText& source) {
  auto again = read_json<Model>({source.name, to_line(model)});
  if (!again) return tl::unexpected(std::move(again.error()).during("reading the configuration"));
  return again;
}

}  // namespace

std::vector<std::string> huggingface_kinds() {
  std::vector<std::string> names;
  for (const Kind& kind : kinds)
    if (!kind.architecture.empty()) names.emplace_back(kind.type);
  return names;
}

Result<Model> read_huggingface(const SourceText& config, int64_t sequence) {
  auto parsed = parse_json(config);
  if (!parsed) return tl::unexpected(std::move(parsed.error()));
  if (!parsed->faults.empty()) return fail(gathered(std::move(parsed->faults)));
  if (parsed->node.kind != Node::Kind::map)
    return fail({.kind = Error::Kind::bad_input,
                 .message = "a model's configuration must be a JSON object",
                 .where = config.name,
                 .hint = "config.json of a Hugging Face model",
                 .code = "HL-E0104"});
  JsonObject whole(config, parsed->node);
  const Node* text = whole.find("text_config");
  bool nested = text && text->kind == Node::Kind::map;
  JsonObject object = nested ? JsonObject(config, *text, {"text_config"}) : whole;

  const Kind* kind = kind_of(object);
  if (!kind) return fail(gathered(std::move(object.faults())));
  Model model = read_model(object, *kind, sequence);
  std::optional<bool> tied = object.flag("tie_word_embeddings");
  if (!tied) tied = whole.flag("tie_word_embeddings");
  if (tied && *tied != is_tied(model)) model.tied = *tied;
  if (nested)
    for (Error& error : whole.faults()) object.faults().push_back(std::move(error));
  if (!object.faults().empty()) return fail(gathered(std::move(object.faults())));
  return checked(model, config);
}

}  // namespace heliu::exchange
