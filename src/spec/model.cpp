#include "spec/model.h"

#include <algorithm>

namespace heliu {
namespace {

bool gpt_like(const Model& m) {
  return m.family == ModelFamily::gpt || m.family == ModelFamily::gpt_neox;
}
int64_t product(int64_t in, int64_t out, bool bias) { return in * out + (bias ? out : 0); }
int64_t product(const Model& m, int64_t in, int64_t out) { return product(in, out, has_biases(m)); }
int64_t norm(const Model& m) { return m.hidden * (has_biases(m) ? 2 : 1); }

int64_t latent_parameters(const Model& m) {
  const LatentAttention& a = m.latent;
  int64_t query = m.heads * (a.nope_head + a.rope_head);
  int64_t queries = a.query_rank ? m.hidden * a.query_rank + a.query_rank + a.query_rank * query
                                 : m.hidden * query;
  int64_t keys_values = m.hidden * (a.kv_rank + a.rope_head) + a.kv_rank +
                        a.kv_rank * m.heads * (a.nope_head + a.value_head);
  return queries + keys_values + m.heads * a.value_head * m.hidden;
}

int64_t feed_forward_parameters(const Model& m, int64_t width) {
  return (is_gated(m) ? 2 : 1) * product(m, m.hidden, width) + product(m, width, m.hidden);
}

// With the routed experts that `routed` names: all of them, or the active ones.
int64_t parameters(const Model& m, int64_t routed) {
  int64_t layers = m.layers + m.prediction_layers;
  int64_t mixtures = expert_layers(m);
  int64_t mixture =
      m.experts.count * m.hidden + (routed + m.experts.shared) * one_expert_parameters(m);
  int64_t tables = m.vocabulary * m.hidden * (is_tied(m) ? 1 : 2) +
                   (has_learned_positions(m) ? m.sequence * m.hidden : 0);
  return tables + layers * (attention_parameters(m) + 2 * norm(m)) +
         (layers - mixtures) * dense_feed_forward_parameters(m) + mixtures * mixture + norm(m) +
         m.prediction_layers * prediction_join_parameters(m);
}

}  // namespace

int64_t feed_forward_of(const Model& m) {
  if (m.feed_forward) return m.feed_forward;
  return is_gated(m) ? (8 * m.hidden / 3 + 255) / 256 * 256 : 4 * m.hidden;
}
int64_t expert_feed_forward_of(const Model& m) {
  return m.experts.feed_forward ? m.experts.feed_forward : feed_forward_of(m);
}
int64_t kv_heads_of(const Model& m) { return m.kv_heads ? m.kv_heads : m.heads; }
int64_t head_size_of(const Model& m) { return m.head_size ? m.head_size : m.hidden / m.heads; }
bool is_gated(const Model& m) { return m.gated.value_or(!gpt_like(m)); }
bool is_tied(const Model& m) { return m.tied.value_or(m.family == ModelFamily::gpt); }
bool has_biases(const Model& m) { return gpt_like(m); }
bool has_qkv_biases(const Model& m) { return m.qkv_bias.value_or(has_biases(m)); }
bool has_learned_positions(const Model& m) { return m.family == ModelFamily::gpt; }

int64_t expert_layers(const Model& m) {
  if (!m.experts.count) return 0;
  return std::max<int64_t>(0, m.layers - m.experts.dense_layers) + m.prediction_layers;
}

int64_t attention_parameters(const Model& m) {
  if (m.latent.kv_rank) return latent_parameters(m);
  int64_t head = head_size_of(m);
  return product(m.hidden, (m.heads + 2 * kv_heads_of(m)) * head, has_qkv_biases(m)) +
         product(m, m.heads * head, m.hidden);
}
int64_t dense_feed_forward_parameters(const Model& m) {
  return feed_forward_parameters(m, feed_forward_of(m));
}
int64_t one_expert_parameters(const Model& m) {
  return feed_forward_parameters(m, expert_feed_forward_of(m));
}

int64_t prediction_join_parameters(const Model& m) { return 2 * m.hidden * m.hidden + 3 * norm(m); }

int64_t parameter_count(const Model& m) { return parameters(m, m.experts.count); }
int64_t active_parameter_count(const Model& m) { return parameters(m, m.experts.active); }

double training_operations_per_token(const Model& m) {
  double h = double(m.hidden), layers = double(m.layers + m.prediction_layers);
  double gates = is_gated(m) ? 3 : 2, mixtures = double(expert_layers(m));
  double head = double(head_size_of(m)), heads = double(m.heads);
  double attention_weights = m.latent.kv_rank ? double(attention_parameters(m))
                                              : h * head * (2 * heads + 2 * double(kv_heads_of(m)));
  double dense = gates * h * double(feed_forward_of(m));
  double mixture =
      gates * h * double(expert_feed_forward_of(m)) * double(m.experts.active + m.experts.shared) +
      h * double(m.experts.count);
  double weights = layers * attention_weights + (layers - mixtures) * dense + mixtures * mixture +
                   double(1 + m.prediction_layers) * double(m.vocabulary) * h +
                   double(m.prediction_layers) * 2 * h * h;
  double query = m.latent.kv_rank ? double(m.latent.nope_head + m.latent.rope_head) : head;
  double value = m.latent.kv_rank ? double(m.latent.value_head) : head;
  double scores = 3 * layers * heads * (query + value) * double(m.sequence);
  return 6 * weights + scores;
}

}  // namespace heliu
