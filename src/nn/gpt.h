// A GPT: token and position embedding, `layers` pre-norm blocks of causal attention and GELU
// feed-forward, a final normalisation, and a head tied to the token embedding (Radford et al.,
// 2019).
//
// Forward and backward are written out; there is no tape. One object is one rank's share of the
// model: some layers (pipeline) and, of each, some heads and feed-forward columns (tensor
// parallel, column- then row-parallel, Shoeybi et al., arXiv 1909.08053, section 3).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "comm/group.h"
#include "device/device.h"

namespace heliu::nn {

// The whole model, whatever part of it a rank holds.
struct Shape {
  int64_t layers, hidden, heads, feed_forward, sequence, vocabulary;
};

// One rank's share. The first stage embeds; the last one normalises and holds the head.
struct Share {
  int tensor_rank = 0, tensor_size = 1;
  int stage = 0, stages = 1;
};

// One tensor of the model and this rank's part of it. All parts lie one behind the other in one f32
// arena, in the order of the forward pass; the gradients, moments and bf16 copies mirror it.
struct Parameter {
  std::string name;       // "block.3.attention.qkv.weight"
  int64_t rows, columns;  // of the whole tensor; a vector has one row
  int64_t offset, count;  // of this rank's part, in elements of the arena
  enum class Split {
    none,
    columns,
    rows,
    qkv
  } split;      // how tensor parallelism cuts it;
                // qkv: columns, within each of q, k and v
  bool decays;  // weight decay applies (matrices, not vectors)
};

class Gpt {
 public:
  // `micro_batch` sequences are the most that one call takes. `tensor_group` is null for one rank.
  Gpt(device::Device& device, const Shape& shape, device::Type compute, int64_t micro_batch,
      const Share& share = {}, comm::Group* tensor_group = nullptr);
  ~Gpt();

  const std::vector<Parameter>& parameters() const;
  int64_t parameter_count() const;  // of this rank's arena
  float* values() const;            // device memory, parameter_count() elements
  float* gradients() const;
  void* copies() const;         // bf16 mirror of values, or null when computing in f32
  size_t device_bytes() const;  // all device memory this object holds

  // Normal(0, 0.02) matrices, projections into the residual stream scaled by 1/sqrt(2 layers)
  // (GPT-2), zero biases, unit gains. Every element depends only on seed, tensor and its
  // place in the whole tensor, so that any share holds the same model.
  void initialise(uint64_t seed);

  // Brings copies() up to date after values() changed other than through AdamW.
  void refresh_copies();

  // Called during the backward when the gradients of arena elements [first, first + count) are
  // final.
  using GradientsReady = std::function<void(int64_t first, int64_t count)>;

  // Forward and backward of sequences of shape().sequence ids each; adds scale * d(sum of losses)
  // to gradients(). Returns the sum of the losses over all positions. For a whole model (one
  // stage).
  double train(const int32_t* ids, const int32_t* targets, int64_t sequences, float scale,
               const GradientsReady& ready = {});

  // Mean loss per position, forward only.
  double evaluate(const int32_t* ids, const int32_t* targets, int64_t sequences);

  // f32 logits after the last of `count` ids (count <= sequence), in host memory, one per entry of
  // the vocabulary.
  std::vector<float> next_logits(const int32_t* ids, int64_t count);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace heliu::nn
