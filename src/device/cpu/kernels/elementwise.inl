// Conversions, sums, and GELU.

template <class From, class To>
void convert_row(const From* __restrict from, To* __restrict to, int64_t count) {
#pragma omp simd
  for (int64_t j = 0; j < count; ++j) narrow(widen(from[j]), to[j]);
}

void convert(const Matrix& from, const Matrix& to, Range rows) {
  with_type(from.type, [&](auto f) {
    with_type(to.type, [&](auto t) {
      for (int64_t r = rows.first; r < rows.last; ++r) {
        convert_row(row_of<decltype(f)>(from, r), row_of<decltype(t)>(to, r), from.columns);
      }
    });
  });
}

template <class T>
void add_row(float* __restrict to, const T* __restrict from, int64_t count) {
#pragma omp simd
  for (int64_t j = 0; j < count; ++j) to[j] += widen(from[j]);
}

void add(const Matrix& to, const Matrix& from, Range rows) {
  with_type(from.type, [&](auto t) {
    for (int64_t r = rows.first; r < rows.last; ++r) {
      add_row(row_of<float>(to, r), row_of<decltype(t)>(from, r), to.columns);
    }
  });
}

double sum_of_squares(const float* x, Range elements) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = elements.first; i < elements.last; ++i) sum += double(x[i]) * double(x[i]);
  return sum;
}

// Four rows at a time, so that the sums are read and written a quarter as often.
template <class T>
void add_four_rows(float* __restrict sum, const T* y, int64_t stride, int64_t count) {
  const T *a = y, *b = y + stride, *c = y + 2 * stride, *d = y + 3 * stride;
#pragma omp simd
  for (int64_t j = 0; j < count; ++j) {
    sum[j] += (widen(a[j]) + widen(b[j])) + (widen(c[j]) + widen(d[j]));
  }
}

void bias_gradient(const BiasGradient& op, Range columns) {
  float* sum = op.gradient + columns.first;
  int64_t count = columns.last - columns.first;
  with_type(op.y.type, [&](auto t) {
    using T = decltype(t);
    int64_t r = 0;
    for (; r + 4 <= op.y.rows; r += 4) {
      add_four_rows(sum, row_of<T>(op.y, r) + columns.first, op.y.stride, count);
    }
    for (; r < op.y.rows; ++r) add_row(sum, row_of<T>(op.y, r) + columns.first, count);
  });
}

template <class T>
void gelu_row(const T* __restrict x, T* __restrict y, int64_t count) {
#pragma omp simd
  for (int64_t j = 0; j < count; ++j) {
    float v = widen(x[j]);
    narrow(v * normal_cdf(v, exponential(-0.5f * v * v)), y[j]);
  }
}

void gelu(const Gelu& op, Range rows) {
  with_type(op.x.type, [&](auto t) {
    using T = decltype(t);
    for (int64_t r = rows.first; r < rows.last; ++r) {
      gelu_row(row_of<T>(op.x, r), row_of<T>(op.y, r), op.x.columns);
    }
  });
}

// y_gradient and x_gradient may be one; each element is read before it is written, so the loop
// may be vectorised all the same.
template <class T>
void gelu_backward_row(const T* x, const T* y_gradient, T* x_gradient, int64_t count) {
#pragma omp simd
  for (int64_t j = 0; j < count; ++j) {
    float v = widen(x[j]);
    float gauss = exponential(-0.5f * v * v);
    float slope = normal_cdf(v, gauss) + v * 0.39894228f * gauss;
    narrow(widen(y_gradient[j]) * slope, x_gradient[j]);
  }
}

void gelu_backward(const GeluBackward& op, Range rows) {
  with_type(op.x.type, [&](auto t) {
    using T = decltype(t);
    for (int64_t r = rows.first; r < rows.last; ++r) {
      gelu_backward_row(row_of<T>(op.x, r), row_of<T>(op.y_gradient, r),
                        row_of<T>(op.x_gradient, r), op.x.columns);
    }
  });
}
