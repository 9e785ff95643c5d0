// Small f32 matrix products for attention, whose operands lie in cache: c (+)= a b.
//
// A tile of c, `tile_rows` by two vectors, stays in registers while the inner index runs; each step
// loads two vectors of b and multiplies them by broadcast elements of a. Since a is read element by
// element its transpose costs nothing: it is a matter of strides.
typedef float Vector __attribute__((vector_size(lanes * 4)));
typedef float VectorInMemory __attribute__((vector_size(lanes * 4), aligned(4), may_alias));

typedef float Four __attribute__((vector_size(16)));
typedef float FourInMemory __attribute__((vector_size(16), aligned(4), may_alias));

// All lanes of a vector combined into one number, four at a time.
template <class Combine>
inline float fold(Vector v, Combine combine) {
  float part[lanes];
  *(VectorInMemory*)part = v;
  Four result = *(const FourInMemory*)part;
#pragma GCC unroll 4
  for (int i = 4; i < lanes; i += 4) result = combine(result, *(const FourInMemory*)(part + i));
  return combine(combine(result[0], result[1]), combine(result[2], result[3]));
}

// As many accumulators as the registers hold beside the operands: 16 of 32 with AVX-512, else 8
// of 16.
constexpr int tile_rows = lanes == 16 ? 8 : 4;

struct Left {
  const float* data;
  int64_t row_stride, column_stride;
};

struct Panel {
  float* data;
  int64_t stride;  // a multiple of `lanes`, as is the width that is worked on
};

template <int M, int N, bool accumulate>
inline void tile(Left a, const float* b, int64_t b_stride, Panel c, int64_t inner) {
  Vector sum[M][N];
#pragma GCC unroll 8
  for (int i = 0; i < M; ++i) {
#pragma GCC unroll 2
    for (int j = 0; j < N; ++j) {
      const float* place = c.data + i * c.stride + j * lanes;
      sum[i][j] = accumulate ? *(const VectorInMemory*)place : Vector{};
    }
  }
  for (int64_t p = 0; p < inner; ++p) {
    const float* column = a.data + p * a.column_stride;
    const float* row = b + p * b_stride;
#pragma GCC unroll 2
    for (int j = 0; j < N; ++j) {
      Vector right = *(const VectorInMemory*)(row + j * lanes);
#pragma GCC unroll 8
      for (int i = 0; i < M; ++i) sum[i][j] += column[i * a.row_stride] * right;
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < M; ++i) {
#pragma GCC unroll 2
    for (int j = 0; j < N; ++j) {
      *(VectorInMemory*)(c.data + i * c.stride + j * lanes) = sum[i][j];
    }
  }
}

template <int M, bool accumulate>
void strip(Left a, const float* b, int64_t b_stride, Panel c, int64_t width, int64_t inner) {
  int64_t j = 0;
  for (; j + 2 * lanes <= width; j += 2 * lanes) {
    tile<M, 2, accumulate>(a, b + j, b_stride, {c.data + j, c.stride}, inner);
  }
  if (j < width) tile<M, 1, accumulate>(a, b + j, b_stride, {c.data + j, c.stride}, inner);
}

// c is rows x width, a rows x inner, b inner x width; `width` is a multiple of `lanes`.
template <bool accumulate>
void product(Left a, const float* b, int64_t b_stride, Panel c, int64_t rows, int64_t width,
             int64_t inner) {
  auto advance = [&](int64_t count) {
    a.data += count * a.row_stride;
    c.data += count * c.stride;
    rows -= count;
  };
  for (; rows >= tile_rows; advance(tile_rows)) {
    strip<tile_rows, accumulate>(a, b, b_stride, c, width, inner);
  }
  for (; rows > 0; advance(1)) strip<1, accumulate>(a, b, b_stride, c, width, inner);
}
