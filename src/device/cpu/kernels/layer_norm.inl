// Layer normalisation; a row stays in the first-level cache between its passes.

float mean_of(const float* x, int64_t count) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t j = 0; j < count; ++j) sum += x[j];
  return sum / float(count);
}

// About the mean, in a second pass: the difference of mean square and squared mean would cancel.
float variance_of(const float* x, float mean, int64_t count) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t j = 0; j < count; ++j) sum += (x[j] - mean) * (x[j] - mean);
  return sum / float(count);
}

// sum = x + add; sum may be x, each element being read before it is written.
template <class T>
void add_residual_row(const float* x, const T* add, float* sum, int64_t count) {
#pragma omp simd
  for (int64_t j = 0; j < count; ++j) sum[j] = x[j] + widen(add[j]);
}

template <class T>
void normalise_row(const LayerNorm& op, const float* __restrict x, int64_t r) {
  const float* __restrict gain = op.gain;
  const float* __restrict bias = op.bias;
  T* __restrict y = row_of<T>(op.y, r);
  float mean = mean_of(x, op.x.columns);
  float rstd = 1.0f / __builtin_sqrtf(variance_of(x, mean, op.x.columns) + 1e-5f);
#pragma omp simd
  for (int64_t j = 0; j < op.x.columns; ++j) narrow((x[j] - mean) * rstd * gain[j] + bias[j], y[j]);
  op.mean[r] = mean;
  op.rstd[r] = rstd;
}

void layer_norm(const LayerNorm& op, Range rows) {
  const Matrix& stream = op.add.data && op.sum.data ? op.sum : op.x;
  with_type(op.y.type, [&](auto t) {
    using T = decltype(t);
    for (int64_t r = rows.first; r < rows.last; ++r) {
      float* row = row_of<float>(stream, r);
      if (op.add.data) {
        add_residual_row(row_of<float>(op.x, r), row_of<T>(op.add, r), row, op.x.columns);
      }
      normalise_row<T>(op, row, r);
    }
  });
}

// With n = (x - mean) rstd and g = gain * y_gradient along a row:
// x_gradient += rstd (g - mean(g) - n mean(g n)).
template <class T>
void normalise_row_backward(const LayerNormBackward& op, int64_t r, float* __restrict gain_gradient,
                            float* __restrict bias_gradient) {
  const T* __restrict dy = row_of<T>(op.y_gradient, r);
  const float* __restrict x = row_of<float>(op.x, r);
  const float* __restrict gain = op.gain;
  float* __restrict dx = row_of<float>(op.x_gradient, r);
  float mean = op.mean[r], rstd = op.rstd[r];
  float sum_g = 0, sum_gn = 0;
#pragma omp simd reduction(+ : sum_g, sum_gn)
  for (int64_t j = 0; j < op.x.columns; ++j) {
    float y_gradient = widen(dy[j]), n = (x[j] - mean) * rstd;
    gain_gradient[j] += y_gradient * n;
    bias_gradient[j] += y_gradient;
    sum_g += gain[j] * y_gradient;
    sum_gn += gain[j] * y_gradient * n;
  }
  float mean_g = sum_g / float(op.x.columns), mean_gn = sum_gn / float(op.x.columns);
#pragma omp simd
  for (int64_t j = 0; j < op.x.columns; ++j) {
    float n = (x[j] - mean) * rstd;
    dx[j] += rstd * (gain[j] * widen(dy[j]) - mean_g - n * mean_gn);
  }
}

void layer_norm_backward(const LayerNormBackward& op, Range rows, float* gain, float* bias) {
  with_type(op.y_gradient.type, [&](auto t) {
    for (int64_t r = rows.first; r < rows.last; ++r) {
      normalise_row_backward<decltype(t)>(op, r, gain, bias);
    }
  });
}
