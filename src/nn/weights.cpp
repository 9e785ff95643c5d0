#include "nn/weights.h"

#include "base/check.h"

namespace heliu::nn {
namespace {

using device::Matrix;
using device::Type;

// Walks over the parameters in the order of parameters_of.
class Walk {
 public:
  Walk(const std::vector<Parameter>& parameters, const Share& share, const Arena& arena)
      : parameters_(parameters), share_(share), arena_(arena) {}

  bool done() const { return next_ == parameters_.size(); }
  bool at(const std::string& prefix) const {
    return !done() && parameters_[next_].name.starts_with(prefix);
  }
  int64_t offset() const {
    return done() ? parameters_.back().offset + parameters_.back().count
                  : parameters_[next_].offset;
  }
  Range since(int64_t first) const { return {first, offset() - first}; }

  const Parameter& take() {
    HELIU_CHECK(!done());
    return parameters_[next_++];
  }

  Norm norm() {
    const Parameter& gain = take();
    const Parameter& bias = take();
    return {arena_.values + gain.offset, arena_.values + bias.offset,
            arena_.gradients + gain.offset, arena_.gradients + bias.offset};
  }

  Linear linear() {
    const Parameter& weight = take();
    const Parameter& bias = take();
    return {compute(weight), gradient(weight), arena_.values + bias.offset,
            arena_.gradients + bias.offset};
  }

  Matrix value(const Parameter& parameter) const {
    return view(parameter, arena_.values, Type::f32);
  }
  Matrix gradient(const Parameter& parameter) const {
    return view(parameter, arena_.gradients, Type::f32);
  }
  Matrix compute(const Parameter& parameter) const {
    return arena_.copies ? view(parameter, arena_.copies, Type::bf16) : value(parameter);
  }

 private:
  Matrix view(const Parameter& parameter, void* base, Type type) const {
    Extent part = part_of(parameter, share_);
    char* data = static_cast<char*>(base) + parameter.offset * device::size_of(type);
    return device::matrix(data, type, part.rows, part.columns);
  }

  const std::vector<Parameter>& parameters_;
  const Share share_;
  const Arena arena_;
  size_t next_ = 0;
};

EmbeddingTable embedding_table(Walk& walk, Head& head) {
  int64_t first = walk.offset();
  const Parameter& tokens = walk.take();
  const Parameter& positions = walk.take();
  head.tokens = walk.compute(tokens);
  head.tokens_gradient = walk.gradient(tokens);
  return {walk.value(tokens), walk.value(positions), walk.gradient(tokens),
          walk.gradient(positions), walk.since(first)};
}

Block block(Walk& walk) {
  Block block;
  int64_t first = walk.offset();
  block.attention_norm = walk.norm();
  block.qkv = walk.linear();
  block.projection = walk.linear();
  block.attention = walk.since(first);
  first = walk.offset();
  block.feed_forward_norm = walk.norm();
  block.expand = walk.linear();
  block.contract = walk.linear();
  block.feed_forward = walk.since(first);
  return block;
}

}  // namespace

Weights weights_of(const std::vector<Parameter>& parameters, const Share& share,
                   const Arena& arena) {
  Walk walk(parameters, share, arena);
  Weights weights;
  if (embeds(share)) weights.embedding = embedding_table(walk, weights.head);
  while (walk.at("block.")) weights.blocks.push_back(block(walk));
  if (!has_head(share)) return weights;

  int64_t first = walk.offset();
  weights.head.norm = walk.norm();
  if (!embeds(share)) {
    const Parameter& tokens = walk.take();
    weights.head.tokens = walk.compute(tokens);
    weights.head.tokens_gradient = walk.gradient(tokens);
  }
  weights.head.range = walk.since(first);
  return weights;
}

}  // namespace heliu::nn
