#include "nn/activations.h"

#include <algorithm>

namespace heliu::nn {
namespace {

using device::Matrix;
using device::Type;

// Hands out memory from front to back; with no memory at all it only counts.
class Cursor {
 public:
  explicit Cursor(void* memory) : memory_(reinterpret_cast<uintptr_t>(memory)) {}

  void* take(int64_t bytes) {
    uintptr_t place = memory_ + used_;
    used_ += size_t(bytes + 63) / 64 * 64;
    return reinterpret_cast<void*>(place);
  }
  template <class T>
  T* take_array(int64_t count) {
    return static_cast<T*>(take(count * int64_t(sizeof(T))));
  }
  Matrix take_matrix(Type type, int64_t rows, int64_t columns) {
    return device::matrix(take(rows * columns * size_of(type)), type, rows, columns);
  }
  size_t used() const { return used_; }

 private:
  uintptr_t memory_;
  size_t used_ = 0;
};

struct Sizes {
  int64_t rows, hidden, vocabulary;
  int64_t local_hidden, local_heads, local_feed_forward;
  Type compute;
  bool sums_over_ranks;
};

NormActivations norm(Cursor& cursor, const Sizes& sizes) {
  return {cursor.take_matrix(Type::f32, sizes.rows, sizes.hidden),
          cursor.take_matrix(sizes.compute, sizes.rows, sizes.hidden),
          cursor.take_array<float>(sizes.rows), cursor.take_array<float>(sizes.rows)};
}

BlockActivations block(Cursor& cursor, const Sizes& sizes) {
  BlockActivations block;
  block.attention_norm = norm(cursor, sizes);
  block.qkv = cursor.take_matrix(sizes.compute, sizes.rows, 3 * sizes.local_hidden);
  block.context = cursor.take_matrix(sizes.compute, sizes.rows, sizes.local_hidden);
  block.log_sum_exp = cursor.take_array<float>(sizes.local_heads * sizes.rows);
  block.feed_forward_norm = norm(cursor, sizes);
  block.expanded = cursor.take_matrix(sizes.compute, sizes.rows, sizes.local_feed_forward);
  block.activated = cursor.take_matrix(sizes.compute, sizes.rows, sizes.local_feed_forward);
  return block;
}

HeadActivations head(Cursor& cursor, const Sizes& sizes) {
  HeadActivations head;
  head.norm = norm(cursor, sizes);
  head.logits =
      cursor.take_matrix(sizes.compute, std::min(sizes.rows, logits_rows), sizes.vocabulary);
  head.targets = cursor.take_array<int32_t>(sizes.rows);
  head.loss = cursor.take_array<float>(sizes.rows);
  head.last_logits = cursor.take_array<float>(sizes.vocabulary);
  return head;
}

Scratch scratch(Cursor& cursor, const Sizes& sizes) {
  Scratch scratch;
  scratch.branch = cursor.take_matrix(sizes.compute, sizes.rows, sizes.hidden);
  if (sizes.sums_over_ranks && sizes.compute != Type::f32)
    scratch.partial = cursor.take_matrix(Type::f32, sizes.rows, sizes.hidden);
  scratch.x_gradient = cursor.take_matrix(Type::f32, sizes.rows, sizes.hidden);
  scratch.norm_gradient = cursor.take_matrix(sizes.compute, sizes.rows, sizes.hidden);

  int64_t widest = std::max(sizes.local_feed_forward, 4 * sizes.local_hidden);
  Matrix shared = cursor.take_matrix(sizes.compute, sizes.rows, widest);
  scratch.expanded_gradient =
      device::matrix(shared.data, sizes.compute, sizes.rows, sizes.local_feed_forward);
  // The gradients of qkv and of the context are alive together: one behind the other.
  int64_t qkv_bytes = sizes.rows * 3 * sizes.local_hidden * size_of(sizes.compute);
  scratch.qkv_gradient =
      device::matrix(shared.data, sizes.compute, sizes.rows, 3 * sizes.local_hidden);
  auto* behind =
      reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(shared.data) + uintptr_t(qkv_bytes));
  scratch.context_gradient = device::matrix(behind, sizes.compute, sizes.rows, sizes.local_hidden);
  return scratch;
}

Activations lay_out(const Shape& shape, const Share& share, int64_t micro_batch, Type compute,
                    Cursor& cursor) {
  Sizes sizes{micro_batch * shape.sequence,
              shape.hidden,
              shape.vocabulary,
              shape.hidden / share.tensor_size,
              shape.heads / share.tensor_size,
              shape.feed_forward / share.tensor_size,
              compute,
              share.tensor_size > 1};
  Activations activations;
  if (embeds(share)) activations.ids = cursor.take_array<int32_t>(sizes.rows);
  for (int64_t i = 0; i < layers_of(shape, share).count(); ++i)
    activations.blocks.push_back(block(cursor, sizes));
  if (has_head(share)) activations.head = head(cursor, sizes);
  activations.scratch = scratch(cursor, sizes);
  return activations;
}

NormActivations first_rows(NormActivations norm, int64_t rows) {
  norm.x.rows = norm.y.rows = rows;
  return norm;
}

}  // namespace

size_t activation_bytes(const Shape& shape, const Share& share, int64_t micro_batch, Type compute) {
  Cursor cursor(nullptr);
  lay_out(shape, share, micro_batch, compute, cursor);
  return cursor.used();
}

Activations lay_out(const Shape& shape, const Share& share, int64_t micro_batch, Type compute,
                    void* memory) {
  Cursor cursor(memory);
  return lay_out(shape, share, micro_batch, compute, cursor);
}

BlockActivations first_rows(BlockActivations block, int64_t rows) {
  block.attention_norm = first_rows(block.attention_norm, rows);
  block.feed_forward_norm = first_rows(block.feed_forward_norm, rows);
  block.qkv.rows = block.context.rows = block.expanded.rows = block.activated.rows = rows;
  return block;
}

HeadActivations first_rows(HeadActivations head, int64_t rows) {
  head.norm = first_rows(head.norm, rows);
  return head;
}

Scratch first_rows(Scratch scratch, int64_t rows) {
  for (Matrix* matrix :
       {&scratch.branch, &scratch.partial, &scratch.x_gradient, &scratch.norm_gradient,
        &scratch.expanded_gradient, &scratch.context_gradient, &scratch.qkv_gradient})
    matrix->rows = rows;
  return scratch;
}

}  // namespace heliu::nn
