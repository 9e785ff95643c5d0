#include "nn/gpt.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "nn/head.h"
#include "nn/initialise.h"

namespace heliu::nn {
namespace {

using device::Device;
using device::Matrix;
using device::Memory;
using device::Type;

[[noreturn]] void refuse(const std::string& message) { throw std::invalid_argument(message); }

void require_group(const Share& share, const comm::Group* group) {
  int size = group ? group->size() : 1;
  int rank = group ? group->rank() : 0;
  if (size != share.tensor_size || rank != share.tensor_rank)
    refuse(fmt::format("the tensor group's rank {} of {} is not the share's rank {} of {}", rank,
                       size, share.tensor_rank, share.tensor_size));
}

// Ids are places in a table: one outside would be read from someone else's memory.
void require_in_vocabulary(const int32_t* ids, int64_t count, int64_t vocabulary) {
  const int32_t* wrong =
      std::find_if(ids, ids + count, [&](int32_t id) { return id < 0 || id >= vocabulary; });
  if (wrong != ids + count)
    refuse(fmt::format("token id {} is not below the vocabulary's {}", *wrong, vocabulary));
}

}  // namespace

struct Gpt::State {
  Device& device;
  const Shape shape;
  const Share share;
  const int64_t micro_batch;
  comm::Group* const tensor_group;
  const std::vector<Parameter> parameters;
  const int64_t count;  // of this rank's parameters

  Memory values, gradients, copies, activation_memory;
  Weights weights;
  Activations activations;
  std::vector<float> losses;  // host copy of one call's
  std::vector<int32_t> padded;

  State(Device&, const Shape&, Type compute, int64_t micro_batch, const Share&, comm::Group*);

  Context context(int64_t rows, int64_t sequence) const;
  Stream forward(const int32_t* ids, int64_t rows, int64_t sequence);
  double loss_sum(int64_t rows);
  void require_batch(const int32_t* targets, int64_t sequences) const;
};

Gpt::State::State(Device& device_in, const Shape& shape_in, Type compute, int64_t micro_batch_in,
                  const Share& share_in, comm::Group* group)
    : device(device_in),
      shape(shape_in),
      share(share_in),
      micro_batch(micro_batch_in),
      tensor_group(share_in.tensor_size > 1 ? group : nullptr),
      parameters(parameters_of(shape_in, share_in)),
      count(parameters.back().offset + parameters.back().count) {
  if (micro_batch < 1) refuse(fmt::format("micro_batch must be positive: {}", micro_batch));
  require_group(share, group);
  values = Memory(device, size_t(count) * sizeof(float));
  gradients = Memory(device, size_t(count) * sizeof(float));
  if (compute == Type::bf16) copies = Memory(device, size_t(count * device::size_of(Type::bf16)));
  activation_memory = Memory(device, activation_bytes(shape, share, micro_batch, compute));

  weights =
      weights_of(parameters, share, {values.as<float>(), gradients.as<float>(), copies.data()});
  activations = lay_out(shape, share, micro_batch, compute, activation_memory.data());
  losses.resize(size_t(micro_batch * shape.sequence));
}

Context Gpt::State::context(int64_t rows, int64_t sequence) const {
  return {device, tensor_group, shape.heads / share.tensor_size, sequence,
          first_rows(activations.scratch, rows)};
}

// Embedding and all blocks, of sequences of `sequence` ids.
Stream Gpt::State::forward(const int32_t* ids, int64_t rows, int64_t sequence) {
  if (share.stages > 1)
    refuse(
        fmt::format("one stage of {} cannot run alone: pipeline execution is not in this version",
                    share.stages));
  require_in_vocabulary(ids, rows, shape.vocabulary);
  device.upload(activations.ids, ids, size_t(rows) * sizeof(int32_t));

  const EmbeddingTable& table = weights.embedding;
  Matrix x = first_rows(activations.blocks.front(), rows).attention_norm.x;
  device.embedding({activations.ids, table.tokens, device::rows(table.positions, 0, sequence), x});

  Context step = context(rows, sequence);
  Stream stream{x, {}};
  for (size_t i = 0; i < weights.blocks.size(); ++i) {
    BlockActivations kept = first_rows(activations.blocks[i], rows);
    stream = attention_forward(step, weights.blocks[i], kept, stream);
    stream = feed_forward_forward(step, weights.blocks[i], kept, stream);
  }
  return stream;
}

double Gpt::State::loss_sum(int64_t rows) {
  device.download(losses.data(), activations.head.loss, size_t(rows) * sizeof(float));
  device.wait();
  double sum = 0;
  for (int64_t i = 0; i < rows; ++i) sum += losses[size_t(i)];
  return sum;
}

void Gpt::State::require_batch(const int32_t* targets, int64_t sequences) const {
  if (sequences < 1 || sequences > micro_batch)
    refuse(fmt::format("a call takes 1 to {} sequences, not {}", micro_batch, sequences));
  require_in_vocabulary(targets, sequences * shape.sequence, shape.vocabulary);
}

Gpt::Gpt(Device& device, const Shape& shape, Type compute, int64_t micro_batch, const Share& share,
         comm::Group* tensor_group)
    : state_(std::make_unique<State>(device, shape, compute, micro_batch, share, tensor_group)) {}
Gpt::~Gpt() = default;

const std::vector<Parameter>& Gpt::parameters() const { return state_->parameters; }
int64_t Gpt::parameter_count() const { return state_->count; }
float* Gpt::values() const { return state_->values.as<float>(); }
float* Gpt::gradients() const { return state_->gradients.as<float>(); }
void* Gpt::copies() const { return state_->copies.data(); }

size_t Gpt::device_bytes() const {
  return state_->values.bytes() + state_->gradients.bytes() + state_->copies.bytes() +
         state_->activation_memory.bytes();
}

void Gpt::initialise(uint64_t seed) {
  std::vector<float> part;
  for (const Parameter& parameter : parameters()) {
    part.resize(size_t(parameter.count));
    nn::initialise(parameter, state_->share, state_->shape.layers, seed, part);
    state_->device.upload(values() + parameter.offset, part.data(), part.size() * sizeof(float));
    state_->device.wait();
  }
  refresh_copies();
}

void Gpt::refresh_copies() {
  if (!copies()) return;
  state_->device.convert(device::matrix(values(), Type::f32, 1, parameter_count()),
                         device::matrix(copies(), Type::bf16, 1, parameter_count()));
}

double Gpt::train(const int32_t* ids, const int32_t* targets, int64_t sequences, float scale,
                  const GradientsReady& ready) {
  State& state = *state_;
  state.require_batch(targets, sequences);
  int64_t rows = sequences * state.shape.sequence;
  Context step = state.context(rows, state.shape.sequence);
  auto finished = [&](const Range& range) {
    if (!ready) return;
    state.device.wait();
    ready(range.first, range.count);
  };

  Stream stream = state.forward(ids, rows, state.shape.sequence);
  HeadActivations head = first_rows(state.activations.head, rows);
  state.device.upload(head.targets, targets, size_t(rows) * sizeof(int32_t));
  head_loss(step, state.weights.head, head, stream, {.gradient = true, .scale = scale});
  finished(state.weights.head.range);

  for (size_t i = state.weights.blocks.size(); i-- > 0;) {
    const Block& block = state.weights.blocks[i];
    BlockActivations kept = first_rows(state.activations.blocks[i], rows);
    feed_forward_backward(step, block, kept);
    finished(block.feed_forward);
    attention_backward(step, block, kept);
    finished(block.attention);
  }
  const EmbeddingTable& table = state.weights.embedding;
  state.device.embedding_backward({state.activations.ids, step.scratch.x_gradient,
                                   table.tokens_gradient, table.positions_gradient});
  finished(table.range);
  return state.loss_sum(rows);
}

double Gpt::evaluate(const int32_t* ids, const int32_t* targets, int64_t sequences) {
  State& state = *state_;
  state.require_batch(targets, sequences);
  int64_t rows = sequences * state.shape.sequence;

  Stream stream = state.forward(ids, rows, state.shape.sequence);
  HeadActivations head = first_rows(state.activations.head, rows);
  state.device.upload(head.targets, targets, size_t(rows) * sizeof(int32_t));
  head_loss(state.context(rows, state.shape.sequence), state.weights.head, head, stream, {});
  return state.loss_sum(rows) / double(rows);
}

std::vector<float> Gpt::next_logits(const int32_t* ids, int64_t count) {
  State& state = *state_;
  if (count < 1 || count > state.shape.sequence)
    refuse(fmt::format("next_logits takes 1 to {} ids, not {}", state.shape.sequence, count));

  // Always a whole sequence, whose later ids no earlier row sees: so the products keep their shape,
  // and no backend makes new primitives for every length.
  int64_t sequence = state.shape.sequence;
  state.padded.assign(ids, ids + count);
  state.padded.resize(size_t(sequence), ids[count - 1]);
  Stream stream = state.forward(state.padded.data(), sequence, sequence);
  stream = {device::rows(stream.x, 0, count), device::rows(stream.branch, 0, count)};
  HeadActivations head = first_rows(state.activations.head, count);
  head_last_logits(state.context(count, count), state.weights.head, head, stream);

  std::vector<float> logits(size_t(state.shape.vocabulary));
  state.device.download(logits.data(), head.last_logits, logits.size() * sizeof(float));
  state.device.wait();
  return logits;
}

}  // namespace heliu::nn
