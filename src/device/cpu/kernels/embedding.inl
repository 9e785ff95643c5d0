// Token and position embedding.

void sum_rows(const float* __restrict a, const float* __restrict b, float* __restrict sum,
              int64_t count) {
#pragma omp simd
  for (int64_t j = 0; j < count; ++j) sum[j] = a[j] + b[j];
}

void embedding(const Embedding& op, Range rows) {
  for (int64_t r = rows.first; r < rows.last; ++r) {
    sum_rows(row_of<float>(op.tokens, op.ids[r]),
             row_of<float>(op.positions, r % op.positions.rows), row_of<float>(op.x, r),
             op.x.columns);
  }
}

// Threads share out columns, not rows: no two of them ever write to the same place, and every sum
// is formed in row order whatever their number.
void embedding_backward(const EmbeddingBackward& op, Range columns) {
  int64_t count = columns.last - columns.first;
  for (int64_t r = 0; r < op.x_gradient.rows; ++r) {
    int64_t position = r % op.positions_gradient.rows;
    const float* gradient = row_of<float>(op.x_gradient, r) + columns.first;
    add_row(row_of<float>(op.tokens_gradient, op.ids[r]) + columns.first, gradient, count);
    add_row(row_of<float>(op.positions_gradient, position) + columns.first, gradient, count);
  }
}
