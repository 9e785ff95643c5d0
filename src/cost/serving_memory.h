// Memory of one replica that serves a model: its weights, and the cache of keys and values that
// every request in flight keeps.
#pragma once

#include "cost/machine.h"
#include "spec/model.h"

namespace heliu::cost {

// One replica. Tensor parallelism cuts every matrix `tp` ways (Shoeybi et al., arXiv 1909.08053);
// `pp` stages hold the layers; routed experts are spread over `ep` devices of a stage. Where ep is
// larger than tp, a stage has ep devices and ep / tp teams of them each attend to their own
// requests (DeepSeek-V3, arXiv 2412.19437, section 3.4).
struct ServingLayout {
  int tp = 1, pp = 1, ep = 1;
  Precision weights = Precision::bf16;
  Precision cache = Precision::bf16;
  bool operator==(const ServingLayout&) const = default;
};
constexpr int stage_devices(const ServingLayout& l) { return l.ep > l.tp ? l.ep : l.tp; }
constexpr int devices_of(const ServingLayout& l) { return l.pp * stage_devices(l); }
// Teams of a stage that attend to requests of their own.
constexpr int teams_of(const ServingLayout& l) { return l.ep > l.tp ? l.ep / l.tp : 1; }

// Bytes of a number as it is stored, block scales included: one byte for 32 elements in mxfp8, for
// 16 in nvfp4 (OCP Microscaling Formats, v1.0; NVIDIA's NVFP4).
double stored_bytes(Precision precision);

// Bytes that one token of a request adds to the cache of the whole model, while no window is full.
// Grouped-query attention: 2 layers kv_heads head_size numbers (Pope et al., arXiv 2211.05102,
// section 3.3); latent attention: layers (kv_rank + rope_head) (DeepSeek-V2, arXiv 2405.04434,
// section 2.1.4).
double cache_bytes_per_token(const Model& model, Precision cache);

// Bytes of a request of `context` tokens: layers with a window keep no more than the window.
double cache_bytes(const Model& model, Precision cache, double context);

// The part of a request's cache that one device of its team holds: keys and values are cut by
// heads, as far as there are heads; a latent is shared by all heads, so that each rank has all of
// it.
double cache_share(const Model& model, const ServingLayout& layout);

// Bytes of weights on the fullest device. Embedding and head stay in 16 bits, as is customary where
// weights are narrow; layers of multi-token prediction are not loaded.
double weight_bytes(const Model& model, const ServingLayout& layout);

// Layers of the stage that has most.
int64_t layers_of_stage(const Model& model, const ServingLayout& layout);

}  // namespace heliu::cost
