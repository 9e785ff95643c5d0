// The backward of causal attention for one head of one sequence, in f32.
//
// The softmax is not kept by the forward but formed again from log_sum_exp, block of queries by
// block of queries (arXiv 2205.14135, algorithm 4). With p the weights, dp = dy v^T and D = sum(p
// dp) = dy . y for each query: ds = p (dp - D), then dq = ds k / sqrt(d), dk = ds^T q / sqrt(d), dv
// = p^T dy.
constexpr int64_t backward_block = 32;

// A head as the backward needs it. q carries the factor 1 / sqrt(d).
struct HeadScratch {
  float *q, *k, *v, *dy, *y;           // sequence x head size
  float *k_transposed, *v_transposed;  // head size x sequence
  float *dq, *dk, *dv;                 // sequence x head size
  float *p, *ds;                       // block x sequence
};

HeadScratch lay_out(int64_t n, int64_t d, Arena& arena) {
  int64_t wide = padded(d), long_row = padded(n);
  auto rows = [&] { return arena.take(n, wide); };
  HeadScratch s;
  s.q = rows(), s.k = rows(), s.v = rows(), s.dy = rows(), s.y = rows();
  s.k_transposed = arena.take(wide, long_row), s.v_transposed = arena.take(wide, long_row);
  s.dq = rows(), s.dk = rows(), s.dv = rows();
  s.p = arena.take(backward_block, long_row), s.ds = arena.take(backward_block, long_row);
  return s;
}

template <class T>
void load_head(const AttentionBackward& op, int64_t head, int64_t first_row, HeadScratch& s) {
  int64_t n = op.sequence, d = op.y.columns / op.heads;
  gather<T>(op.qkv, first_row, head * d, n, d, inverse_root(d), s.q);
  gather<T>(op.qkv, first_row, (op.heads + head) * d, n, d, 1, s.k);
  gather<T>(op.qkv, first_row, (2 * op.heads + head) * d, n, d, 1, s.v);
  gather<T>(op.y_gradient, first_row, head * d, n, d, 1, s.dy);
  gather<T>(op.y, first_row, head * d, n, d, 1, s.y);
  transpose(s.k, n, d, s.k_transposed);
  transpose(s.v, n, d, s.v_transposed);
  __builtin_memset(s.dk, 0, size_t(n * padded(d)) * sizeof(float));
  __builtin_memset(s.dv, 0, size_t(n * padded(d)) * sizeof(float));
}

// Over rows padded with zeros to whole vectors.
float dot(const float* a, const float* b, int64_t whole) {
  Vector sum = {};
  for (int64_t j = 0; j < whole; j += lanes) {
    sum += *(const VectorInMemory*)(a + j) * *(const VectorInMemory*)(b + j);
  }
  return fold(sum, [](auto x, auto y) { return x + y; });
}

// For one query: scores in p to weights, dp in ds to score gradients; zero behind `count` keys.
void softmax_row_backward(float* __restrict p, float* __restrict ds, float log_sum_exp, float mean,
                          int64_t count, int64_t width) {
  int64_t whole = padded(count);
  for (int64_t j = count; j < whole; ++j) p[j] = hidden_score;
#pragma omp simd
  for (int64_t j = 0; j < whole; ++j) {
    p[j] = exponential(p[j] - log_sum_exp);
    ds[j] = p[j] * (ds[j] - mean);
  }
  for (int64_t j = count; j < width; ++j) p[j] = ds[j] = 0;
}

// Queries [first, first + rows) against all keys up to the last of them.
void block_backward(const HeadScratch& s, const float* log_sum_exp, int64_t n, int64_t d,
                    int64_t first, int64_t rows) {
  int64_t wide = padded(d), keys = first + rows, width = padded(keys);
  const float *q = s.q + first * wide, *dy = s.dy + first * wide;
  product<false>({q, wide, 1}, s.k_transposed, padded(n), {s.p, width}, rows, width, d);
  product<false>({dy, wide, 1}, s.v_transposed, padded(n), {s.ds, width}, rows, width, d);
  for (int64_t i = 0; i < rows; ++i) {
    float mean = dot(dy + i * wide, s.y + (first + i) * wide, wide);
    softmax_row_backward(s.p + i * width, s.ds + i * width, log_sum_exp[first + i], mean,
                         first + i + 1, width);
  }
  product<false>({s.ds, width, 1}, s.k, wide, {s.dq + first * wide, wide}, rows, wide, keys);
  product<true>({s.ds, 1, width}, q, wide, {s.dk, wide}, keys, wide, rows);
  product<true>({s.p, 1, width}, dy, wide, {s.dv, wide}, keys, wide, rows);
}

template <class T>
void attention_head_backward(const AttentionBackward& op, int64_t head, int64_t first_row,
                             Arena arena) {
  const int64_t n = op.sequence, d = op.y.columns / op.heads, wide = padded(d);
  HeadScratch s = lay_out(n, d, arena);
  load_head<T>(op, head, first_row, s);
  const float* log_sum_exp = op.log_sum_exp + head * op.y.rows + first_row;
  for (int64_t first = 0; first < n; first += backward_block) {
    int64_t rows = n - first < backward_block ? n - first : backward_block;
    block_backward(s, log_sum_exp, n, d, first, rows);
  }
  const Matrix& to = op.qkv_gradient;
  scatter<T>(s.dq, wide, inverse_root(d), to, first_row, head * d, n, d);
  scatter<T>(s.dk, wide, 1, to, first_row, (op.heads + head) * d, n, d);
  scatter<T>(s.dv, wide, 1, to, first_row, (2 * op.heads + head) * d, n, d);
}

void attention_backward(const AttentionBackward& op, int64_t head, int64_t first_row,
                        float* scratch) {
  with_type(op.qkv.type, [&](auto t) {
    attention_head_backward<decltype(t)>(op, head, first_row, Arena{scratch});
  });
}

// What lay_out() takes; the forward needs less.
int64_t attention_scratch(int64_t sequence, int64_t head_size) {
  int64_t wide = padded(head_size), long_row = padded(sequence);
  return 8 * Arena::size(sequence, wide) + 2 * Arena::size(wide, long_row) +
         2 * Arena::size(backward_block, long_row);
}
