#include "nn/parameters.h"

#include <fmt/format.h>

#include <stdexcept>

namespace heliu::nn {
namespace {

using Split = Parameter::Split;

void require(bool condition, const std::string& message) {
  if (!condition) throw std::invalid_argument(message);
}

// Writes tensors one behind the other.
class List {
 public:
  explicit List(const Share& share) : share_(share) {}

  void matrix(std::string name, int64_t rows, int64_t columns, Split split) {
    add(std::move(name), rows, columns, split, true);
  }
  void vector(std::string name, int64_t columns, Split split) {
    add(std::move(name), 1, columns, split, false);
  }
  void norm(const std::string& name, int64_t hidden) {
    vector(name + ".gain", hidden, Split::none);
    vector(name + ".bias", hidden, Split::none);
  }
  // The bias is cut as the outputs are: not at all where the rows are.
  void linear(const std::string& name, int64_t inputs, int64_t outputs, Split split) {
    matrix(name + ".weight", inputs, outputs, split);
    vector(name + ".bias", outputs, split == Split::rows ? Split::none : split);
  }

  std::vector<Parameter> take() { return std::move(list_); }

 private:
  void add(std::string name, int64_t rows, int64_t columns, Split split, bool decays) {
    int64_t offset = list_.empty() ? 0 : list_.back().offset + list_.back().count;
    Parameter parameter{std::move(name), rows, columns, offset, 0, split, decays};
    Extent part = part_of(parameter, share_);
    parameter.count = part.rows * part.columns;
    list_.push_back(std::move(parameter));
  }

  const Share share_;
  std::vector<Parameter> list_;
};

void add_block(List& list, const Shape& shape, int64_t layer) {
  std::string attention = fmt::format("block.{}.attention", layer);
  list.norm(attention + ".norm", shape.hidden);
  list.linear(attention + ".qkv", shape.hidden, 3 * shape.hidden, Split::qkv);
  list.linear(attention + ".projection", shape.hidden, shape.hidden, Split::rows);

  std::string feed_forward = fmt::format("block.{}.feed_forward", layer);
  list.norm(feed_forward + ".norm", shape.hidden);
  list.linear(feed_forward + ".expand", shape.hidden, shape.feed_forward, Split::columns);
  list.linear(feed_forward + ".contract", shape.feed_forward, shape.hidden, Split::rows);
}

}  // namespace

void require_divisible(const Shape& shape, const Share& share) {
  require(shape.layers > 0 && shape.hidden > 0 && shape.heads > 0 && shape.feed_forward > 0 &&
              shape.sequence > 0 && shape.vocabulary > 0,
          "every number of a model's shape must be positive");
  require(shape.hidden % shape.heads == 0,
          fmt::format("hidden {} is not a multiple of heads {}", shape.hidden, shape.heads));
  require(share.tensor_size > 0 && share.tensor_rank >= 0 && share.tensor_rank < share.tensor_size,
          fmt::format("tensor rank {} is not below tensor size {}", share.tensor_rank,
                      share.tensor_size));
  require(shape.heads % share.tensor_size == 0,
          fmt::format("heads {} cannot be shared by {} tensor-parallel ranks", shape.heads,
                      share.tensor_size));
  require(shape.feed_forward % share.tensor_size == 0,
          fmt::format("feed_forward {} cannot be shared by {} tensor-parallel ranks",
                      shape.feed_forward, share.tensor_size));
  require(share.stages > 0 && share.stage >= 0 && share.stage < share.stages,
          fmt::format("stage {} is not below stages {}", share.stage, share.stages));
  require(share.stages <= shape.layers,
          fmt::format("layers {} cannot be shared by {} stages", shape.layers, share.stages));
}

Layers layers_of(const Shape& shape, const Share& share) {
  return {shape.layers * share.stage / share.stages,
          shape.layers * (share.stage + 1) / share.stages};
}

bool embeds(const Share& share) { return share.stage == 0; }
bool has_head(const Share& share) { return share.stage == share.stages - 1; }

std::vector<Parameter> parameters_of(const Shape& shape, const Share& share) {
  require_divisible(shape, share);
  List list(share);
  if (embeds(share)) {
    list.matrix("embedding.tokens", shape.vocabulary, shape.hidden, Split::none);
    list.matrix("embedding.positions", shape.sequence, shape.hidden, Split::none);
  }
  Layers layers = layers_of(shape, share);
  for (int64_t layer = layers.first; layer < layers.last; ++layer) add_block(list, shape, layer);
  if (has_head(share)) {
    list.norm("head.norm", shape.hidden);
    if (!embeds(share))
      list.matrix("embedding.tokens", shape.vocabulary, shape.hidden, Split::none);
  }
  return list.take();
}

Extent part_of(const Parameter& parameter, const Share& share) {
  if (parameter.split == Split::none) return {parameter.rows, parameter.columns};
  if (parameter.split == Split::rows)
    return {parameter.rows / share.tensor_size, parameter.columns};
  return {parameter.rows, parameter.columns / share.tensor_size};
}

int64_t place_in_whole(const Parameter& parameter, const Share& share, int64_t index) {
  Extent part = part_of(parameter, share);
  int64_t row = index / part.columns;
  int64_t column = index % part.columns;
  if (parameter.split == Split::rows) row += share.tensor_rank * part.rows;
  if (parameter.split == Split::columns) column += share.tensor_rank * part.columns;
  if (parameter.split == Split::qkv) {
    // A third of the part is this rank's heads of q, the next third of k, the last of v.
    int64_t third = part.columns / 3;
    column = column / third * (parameter.columns / 3) + share.tensor_rank * third + column % third;
  }
  return row * parameter.columns + column;
}

}  // namespace heliu::nn
