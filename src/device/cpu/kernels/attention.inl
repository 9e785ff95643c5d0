// Causal attention of one head of one sequence, in f32.
//
// Queries go in blocks. A block's scores against all keys up to its last query form a strip that
// stays in cache; its softmax is exact, row by row, and the strip times the values gives the block
// of the output. Key blocks after the block are never touched, and no matrix of sequence x sequence
// exists (the idea of FlashAttention, Dao et al., arXiv 2205.14135, with whole rows in place of
// the running rescale, since a strip of a few thousand keys fits into a second-level cache).
constexpr int64_t query_block = 16;

inline int64_t padded(int64_t count) { return (count + lanes - 1) & -lanes; }

// Hands out parts of the scratch memory.
struct Arena {
  float* next;

  // Whole cache lines, so that every part begins at one.
  static int64_t size(int64_t rows, int64_t stride) { return (rows * stride + 15) / 16 * 16; }

  float* take(int64_t rows, int64_t stride) {
    float* part = next;
    next += size(rows, stride);
    return part;
  }
};

// A head's rows as f32 times `factor`, the columns padded with zeros to whole vectors.
template <class T>
void gather(const Matrix& m, int64_t first_row, int64_t first_column, int64_t rows, int64_t columns,
            float factor, float* to) {
  int64_t stride = padded(columns);
  for (int64_t r = 0; r < rows; ++r) {
    const T* __restrict from = row_of<T>(m, first_row + r) + first_column;
    float* __restrict row = to + r * stride;
    // A head's part of a row is a line or two, and the next row is far: the processor would not
    // see the pattern by itself.
    __builtin_prefetch(from + 12 * m.stride);
    __builtin_prefetch(from + 12 * m.stride + columns - 1);
#pragma omp simd
    for (int64_t j = 0; j < columns; ++j) row[j] = factor * widen(from[j]);
    for (int64_t j = columns; j < stride; ++j) row[j] = 0;
  }
}

template <class T>
void scatter(const float* from, int64_t stride, float factor, const Matrix& m, int64_t first_row,
             int64_t first_column, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; ++r) {
    T* __restrict to = row_of<T>(m, first_row + r) + first_column;
    const float* __restrict row = from + r * stride;
#pragma omp simd
    for (int64_t j = 0; j < columns; ++j) narrow(factor * row[j], to[j]);
  }
}

// to (4 x 4) = transpose of from (4 x 4), in registers.
inline void transpose_four(const float* from, int64_t from_stride, float* to, int64_t to_stride) {
  Four a = *(const FourInMemory*)from, b = *(const FourInMemory*)(from + from_stride);
  Four c = *(const FourInMemory*)(from + 2 * from_stride);
  Four d = *(const FourInMemory*)(from + 3 * from_stride);
  Four ac_low = __builtin_shufflevector(a, c, 0, 4, 1, 5);
  Four bd_low = __builtin_shufflevector(b, d, 0, 4, 1, 5);
  Four ac_high = __builtin_shufflevector(a, c, 2, 6, 3, 7);
  Four bd_high = __builtin_shufflevector(b, d, 2, 6, 3, 7);
  *(FourInMemory*)to = __builtin_shufflevector(ac_low, bd_low, 0, 4, 1, 5);
  *(FourInMemory*)(to + to_stride) = __builtin_shufflevector(ac_low, bd_low, 2, 6, 3, 7);
  *(FourInMemory*)(to + 2 * to_stride) = __builtin_shufflevector(ac_high, bd_high, 0, 4, 1, 5);
  *(FourInMemory*)(to + 3 * to_stride) = __builtin_shufflevector(ac_high, bd_high, 2, 6, 3, 7);
}

// to = transpose of from (rows x columns). Both have their rows padded to whole vectors, and `to`
// as many rows as `from` has padded columns.
void transpose(const float* from, int64_t rows, int64_t columns, float* to) {
  int64_t from_stride = padded(columns), to_stride = padded(rows), r = 0;
  for (; r + 4 <= rows; r += 4) {
    for (int64_t j = 0; j < columns; j += 4) {
      transpose_four(from + r * from_stride + j, from_stride, to + j * to_stride + r, to_stride);
    }
  }
  for (; r < to_stride; ++r) {
    for (int64_t j = 0; j < columns; ++j) {
      to[j * to_stride + r] = r < rows ? from[r * from_stride + j] : 0;
    }
  }
}

// Maximum and sum over whole vectors. A loop of scalars would be vectorised too, but its lanes
// would be folded one by one, which for short rows takes longer than the loop.
inline float top_of_vectors(const float* x, int64_t count) {
  Vector top = *(const VectorInMemory*)x;
  for (int64_t j = lanes; j < count; j += lanes) {
    Vector next = *(const VectorInMemory*)(x + j);
    top = next > top ? next : top;
  }
  return fold(top, [](auto a, auto b) { return a > b ? a : b; });
}

inline float sum_of_vectors(const float* x, int64_t count) {
  Vector sum = {};
  for (int64_t j = 0; j < count; j += lanes) sum += *(const VectorInMemory*)(x + j);
  return fold(sum, [](auto a, auto b) { return a + b; });
}

// A score so low that its weight comes to nothing.
constexpr float hidden_score = -1e30f;

// Scores to e^(score - top), zero behind the `count` keys that the query may see.
// Returns their sum, and sets `top`.
float softmax_row(float* score, int64_t count, int64_t width, float& top) {
  int64_t whole = padded(count);
  for (int64_t j = count; j < whole; ++j) score[j] = hidden_score;
  top = top_of_vectors(score, whole);
#pragma omp simd
  for (int64_t j = 0; j < whole; ++j) score[j] = exponential(score[j] - top);
  for (int64_t j = count; j < width; ++j) score[j] = 0;
  return sum_of_vectors(score, whole);
}

inline float inverse_root(int64_t head_size) { return 1.0f / __builtin_sqrtf(float(head_size)); }

template <class T>
void attention_head(const Attention& op, int64_t head, int64_t first_row, Arena arena) {
  const int64_t n = op.sequence, d = op.y.columns / op.heads, wide = padded(d);
  float* q = arena.take(n, wide);
  float* k = arena.take(n, wide);
  float* v = arena.take(n, wide);
  float* k_transposed = arena.take(wide, padded(n));
  float* strip = arena.take(query_block, padded(n));
  float* y = arena.take(query_block, wide);
  gather<T>(op.qkv, first_row, head * d, n, d, inverse_root(d), q);
  gather<T>(op.qkv, first_row, (op.heads + head) * d, n, d, 1, k);
  gather<T>(op.qkv, first_row, (2 * op.heads + head) * d, n, d, 1, v);
  transpose(k, n, d, k_transposed);
  float* log_sum_exp = op.log_sum_exp + head * op.y.rows + first_row;

  for (int64_t first = 0; first < n; first += query_block) {
    int64_t rows = n - first < query_block ? n - first : query_block;
    int64_t keys = first + rows, width = padded(keys);
    product<false>({q + first * wide, wide, 1}, k_transposed, padded(n), {strip, width}, rows,
                   width, d);
    float sums[query_block];
    for (int64_t i = 0; i < rows; ++i) {
      float top;
      sums[i] = softmax_row(strip + i * width, first + i + 1, width, top);
      log_sum_exp[first + i] = top + __builtin_logf(sums[i]);
    }
    product<false>({strip, width, 1}, v, wide, {y, wide}, rows, wide, keys);
    for (int64_t i = 0; i < rows; ++i) {
      scatter<T>(y + i * wide, wide, 1.0f / sums[i], op.y, first_row + first + i, head * d, 1, d);
    }
  }
}

void attention(const Attention& op, int64_t head, int64_t first_row, float* scratch) {
  with_type(op.qkv.type,
            [&](auto t) { attention_head<decltype(t)>(op, head, first_row, Arena{scratch}); });
}
