#include "device/shapes.h"

#include "base/check.h"

namespace heliu::device {
namespace {

void check_view(const Matrix& m) {
  HELIU_CHECK(m.data != nullptr || m.rows * m.columns == 0);
  HELIU_CHECK(m.rows >= 0 && m.columns >= 0 && m.stride >= m.columns);
}

void check_f32(const Matrix& m) {
  check_view(m);
  HELIU_CHECK(m.type == Type::f32);
}

void check_same_shape(const Matrix& a, const Matrix& b) {
  check_view(a);
  check_view(b);
  HELIU_CHECK(a.rows == b.rows && a.columns == b.columns);
}

void check_alike(const Matrix& a, const Matrix& b) {
  check_same_shape(a, b);
  HELIU_CHECK(a.type == b.type);
}

void check_heads(const Matrix& qkv, const Matrix& y, int64_t heads, int64_t sequence) {
  check_view(qkv);
  check_view(y);
  HELIU_CHECK(qkv.type == y.type && qkv.rows == y.rows);
  HELIU_CHECK(heads > 0 && y.columns % heads == 0 && qkv.columns == 3 * y.columns);
  HELIU_CHECK(sequence > 0 && y.rows % sequence == 0);
}

void check_embedding(const Matrix& tokens, const Matrix& positions, const Matrix& x) {
  check_f32(tokens);
  check_f32(positions);
  check_f32(x);
  HELIU_CHECK(tokens.columns == x.columns && positions.columns == x.columns);
  HELIU_CHECK(positions.rows > 0 || x.rows == 0);
}

}  // namespace

void check(const Gemm& op) {
  check_view(op.a);
  check_view(op.b);
  check_view(op.c);
  int64_t inner_a = op.transpose_a ? op.a.rows : op.a.columns;
  int64_t inner_b = op.transpose_b ? op.b.columns : op.b.rows;
  HELIU_CHECK(inner_a == inner_b && inner_a > 0);
  HELIU_CHECK(op.c.rows == (op.transpose_a ? op.a.columns : op.a.rows));
  HELIU_CHECK(op.c.columns == (op.transpose_b ? op.b.rows : op.b.columns));
  HELIU_CHECK(op.a.type == op.b.type);
  HELIU_CHECK(op.c.type == op.a.type || op.c.type == Type::f32);
}

void check(const BiasGradient& op) {
  check_view(op.y);
  HELIU_CHECK(op.gradient != nullptr);
}

void check(const Embedding& op) { check_embedding(op.tokens, op.positions, op.x); }

void check(const EmbeddingBackward& op) {
  check_embedding(op.tokens_gradient, op.positions_gradient, op.x_gradient);
}

void check(const LayerNorm& op) {
  check_f32(op.x);
  check_same_shape(op.x, op.y);
  if (op.add.data != nullptr) check_alike(op.add, op.y);
  if (op.sum.data != nullptr) check_alike(op.sum, op.x);
}

void check(const LayerNormBackward& op) {
  check_same_shape(op.y_gradient, op.x);
  check_f32(op.x);
  check_f32(op.x_gradient);
  check_alike(op.x, op.x_gradient);
}

void check(const Gelu& op) { check_alike(op.x, op.y); }

void check(const GeluBackward& op) {
  check_alike(op.x, op.y_gradient);
  check_alike(op.x, op.x_gradient);
}

void check(const Attention& op) { check_heads(op.qkv, op.y, op.heads, op.sequence); }

void check(const AttentionBackward& op) {
  check_heads(op.qkv, op.y, op.heads, op.sequence);
  check_alike(op.y, op.y_gradient);
  check_alike(op.qkv, op.qkv_gradient);
}

void check(const CrossEntropy& op) {
  check_view(op.logits);
  HELIU_CHECK(op.logits.columns > 0 || op.logits.rows == 0);
}

void check(const AdamW& op) { HELIU_CHECK(op.count >= 0 && op.step >= 1); }

void check_ids(const int32_t* ids, int64_t count, int64_t choices) {
  for (int64_t i = 0; i < count; ++i) HELIU_CHECK(ids[i] >= 0 && ids[i] < choices);
}

void check_convert(const Matrix& from, const Matrix& to) { check_same_shape(from, to); }

void check_add(const Matrix& to, const Matrix& from) {
  check_f32(to);
  check_same_shape(to, from);
}

}  // namespace heliu::device
