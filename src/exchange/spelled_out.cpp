#include "exchange/spelled_out.h"

namespace heliu::exchange {

Model spelled_out(Model m) {
  bool latent = m.latent.kv_rank > 0;
  m.gated = is_gated(m);
  m.tied = is_tied(m);
  m.qkv_bias = !latent && has_qkv_biases(m);
  m.feed_forward = feed_forward_of(m);
  m.kv_heads = latent ? m.heads : kv_heads_of(m);
  m.head_size = latent ? 0 : head_size_of(m);
  if (!latent) m.latent = {};
  if (!m.window) m.window_every = 1;
  if (!m.experts.count) {
    m.experts = {};
    return m;
  }
  m.experts.feed_forward = expert_feed_forward_of(m);
  if (!m.experts.dense_layers) m.feed_forward = m.experts.feed_forward;
  return m;
}

}  // namespace heliu::exchange
