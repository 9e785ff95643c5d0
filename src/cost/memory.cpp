#include "cost/memory.h"

#include <algorithm>

namespace heliu::cost {
namespace {

int64_t rounded(int64_t bytes) { return (bytes + 63) / 64 * 64; }

// Sizes in elements that the buffers are made of, and bytes of an element of the compute type.
struct Sizes {
  int64_t rows, hidden, width, heads, feed_forward, vocabulary, element;
};

Sizes sizes_of(const Model& model, int tp, int64_t micro_batch, Precision precision) {
  return {micro_batch * model.sequence, model.hidden,     model.hidden / tp,  model.heads / tp,
          feed_forward_of(model) / tp,  model.vocabulary, bytes_of(precision)};
}

// A normalisation keeps its input (f32), its output, and mean and deviation of each row (f32).
int64_t norm(const Sizes& s) {
  int64_t input = rounded(4 * s.rows * s.hidden), output = rounded(s.element * s.rows * s.hidden);
  return input + output + 2 * rounded(4 * s.rows);
}

int64_t block(const Sizes& s) {
  int64_t qkv = rounded(3 * s.element * s.rows * s.width);
  int64_t context = rounded(s.element * s.rows * s.width);
  int64_t log_sum_exp = rounded(4 * s.heads * s.rows);
  int64_t gelu = 2 * rounded(s.element * s.rows * s.feed_forward);
  return 2 * norm(s) + qkv + context + log_sum_exp + gelu;
}

// What one micro-batch keeps from forward to backward.
int64_t kept(const Sizes& s, const Stage& stage) {
  int64_t bytes = stage.layers * block(s);
  if (stage.first) bytes += rounded(4 * s.rows);               // token ids
  if (stage.last) bytes += norm(s) + 2 * rounded(4 * s.rows);  // targets and losses
  return bytes;
}

// What is used again by layer after layer, and by micro-batch after micro-batch.
int64_t scratch(const Sizes& s, const Stage& stage, int tp) {
  int64_t bytes = 2 * rounded(s.element * s.rows * s.hidden) + rounded(4 * s.rows * s.hidden) +
                  rounded(s.element * s.rows * std::max(s.feed_forward, 4 * s.width));
  if (tp > 1 && s.element != 4) bytes += rounded(4 * s.rows * s.hidden);
  if (stage.last)
    bytes += rounded(s.element * std::min(s.rows, logits_rows) * s.vocabulary) +
             rounded(4 * s.vocabulary);
  return bytes;
}

// Micro-batches that a stage has begun and not ended: in the one-forward-one-backward schedule
// stage i of pp holds at most pp - i (Narayanan et al., arXiv 2104.04473, section 2.2.1).
int64_t in_flight(const Plan& plan, int index) {
  return std::min<int64_t>(plan.parallel.pp - index, plan.accumulation);
}

}  // namespace

Bytes activations(const Model& model, const Stage& stage, int tp, int64_t micro_batch,
                  Precision precision, int64_t flying) {
  Sizes s = sizes_of(model, tp, micro_batch, precision);
  return Bytes::of(double(flying * kept(s, stage) + scratch(s, stage, tp)));
}

Bytes collective_buffers(int ranks) {
  if (ranks < 2) return {};
  constexpr int64_t header = 128, seat = 256, slot = 64 + 256 * 1024, slots = 8;
  return Bytes::of(double(header + ranks * (seat + slots * slot)));
}

MemoryParts memory_of_stage(const Model& model, const Plan& plan, int index, Bytes runtime) {
  Stage stage = stages(model, plan.parallel.pp)[size_t(index)];
  double count = double(parameters(model, stage, plan.parallel.tp));
  double tokens = double(plan.micro_batch * model.sequence);

  MemoryParts parts;
  parts.weights = Bytes::of(count * (plan.precision == Precision::bf16 ? 6 : 4));
  parts.gradients = Bytes::of(count * 4);
  parts.optimizer = Bytes::of(count * 8);
  parts.activations = activations(model, stage, plan.parallel.tp, plan.micro_batch, plan.precision,
                                  in_flight(plan, index));
  // Ids, targets and losses of a micro-batch on the host's side, 4 bytes each.
  parts.buffers = Bytes::of(12 * tokens) + collective_buffers(plan.parallel.dp) +
                  collective_buffers(plan.parallel.tp);
  parts.runtime = runtime;
  return parts;
}

MemoryParts memory(const Model& model, const Plan& plan, Bytes runtime) {
  MemoryParts most = memory_of_stage(model, plan, 0, runtime);
  for (int i = 1; i < plan.parallel.pp; ++i) {
    MemoryParts parts = memory_of_stage(model, plan, i, runtime);
    if (total(parts) > total(most)) most = parts;
  }
  return most;
}

}  // namespace heliu::cost
