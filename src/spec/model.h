// The model of a workload: what a transformer is made of, and what follows from that by counting.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace heliu {

// gpt: learned positions, layer norm, biases, GELU, tied head. gpt_neox: the same with rotary
// positions and its own head. The others: rotary positions, RMS norm, no biases, SwiGLU, own head;
// they differ in what their fields say (experts, latent attention, window).
enum class ModelFamily { gpt, gpt_neox, llama, qwen, mistral, mixtral, deepseek, gpt_oss };

// A mixture of experts in place of the feed-forward layer.
struct Experts {
  int64_t count = 0;         // routed experts of a layer; 0: dense
  int64_t active = 0;        // of them, those that one token visits (top-k)
  int64_t shared = 0;        // experts that every token visits
  int64_t feed_forward = 0;  // width inside one expert; 0: the model's feed_forward
  int64_t dense_layers = 0;  // leading layers without experts
  bool operator==(const Experts&) const = default;
};

// Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434, section 2.1).
struct LatentAttention {
  int64_t query_rank = 0;    // of the compressed queries; 0: not compressed
  int64_t kv_rank = 0;       // of the compressed keys and values; 0: ordinary attention
  int64_t nope_head = 128;   // per head, without positions
  int64_t rope_head = 64;    // per head of queries, and shared by the keys, with positions
  int64_t value_head = 128;  // per head of values
  bool operator==(const LatentAttention&) const = default;
};

struct Model {
  ModelFamily family = ModelFamily::gpt;
  int64_t layers = 0;
  int64_t hidden = 0;
  int64_t heads = 0;
  int64_t kv_heads = 0;   // key and value heads (GQA, MQA); 0: as many as heads
  int64_t head_size = 0;  // 0: hidden / heads
  int64_t sequence = 0;
  int64_t feed_forward = 0;       // 0: four times hidden; with a gate 8/3 of it, rounded up to 256
  int64_t vocabulary = 0;         // 0: as many as the tokenizer finds in the data
  std::optional<bool> gated;      // SwiGLU instead of GELU; not given: as the family has it
  std::optional<bool> tied;       // the head shares the embedding's weights; likewise
  std::optional<bool> qkv_bias;   // queries, keys and values have biases (Qwen2); likewise
  int64_t window = 0;             // tokens that attention looks back over; 0: all
  int64_t window_every = 1;       // one layer in so many has the window
  int64_t prediction_layers = 0;  // multi-token prediction, each one layer more (DeepSeek-V3)
  Experts experts;
  LatentAttention latent;
  std::string huggingface;  // a config.json to read all of it from, instead

  bool operator==(const Model&) const = default;
};

// Fields with their defaults worked out.
int64_t feed_forward_of(const Model& model);
int64_t expert_feed_forward_of(const Model& model);
int64_t kv_heads_of(const Model& model);
int64_t head_size_of(const Model& model);
bool is_gated(const Model& model);
bool is_tied(const Model& model);
bool has_biases(const Model& model);
bool has_qkv_biases(const Model& model);
bool has_learned_positions(const Model& model);

// Layers that are mixtures of experts.
int64_t expert_layers(const Model& model);

// Parameters of one layer's parts, norms and biases included.
int64_t attention_parameters(const Model& model);
int64_t dense_feed_forward_parameters(const Model& model);
int64_t one_expert_parameters(const Model& model);

// What a layer of multi-token prediction has beside an ordinary one: a matrix that joins the hidden
// state with the next token's embedding, and three norms (DeepSeek-V3, arXiv 2412.19437, section
// 2.2). Embedding and head are the model's own.
int64_t prediction_join_parameters(const Model& model);

// Parameters of the whole model: embeddings, layers, final norm, head.
int64_t parameter_count(const Model& model);

// Of them, those that one token passes through: all but the routed experts it does not visit.
int64_t active_parameter_count(const Model& model);

// Floating-point operations of forward and backward for one token: 6 per weight of a matrix product
// and 12 layers heads head_size sequence for attention, halved by causality (Narayanan et al.,
// arXiv 2104.04473, section 5.1, which counts the full square).
double training_operations_per_token(const Model& model);

}  // namespace heliu
