// Softmax cross-entropy over a vocabulary: one reading of the logits for the normaliser, one for
// the gradient, which replaces them.

template <class T>
float top_of(const T* x, int64_t count) {
  float top = -__builtin_inff();
#pragma omp simd reduction(max : top)
  for (int64_t j = 0; j < count; ++j) top = widen(x[j]) > top ? widen(x[j]) : top;
  return top;
}

template <class T>
float sum_of_exponentials(const T* x, float top, int64_t count) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t j = 0; j < count; ++j) sum += exponential(widen(x[j]) - top);
  return sum;
}

// Block by block: a block's maximum is found and its exponentials are summed while it is in the
// first-level cache; the sum so far is rescaled when the maximum rises.
template <class T>
float log_sum_exp(const T* x, int64_t count) {
  constexpr int64_t block = 2048;
  float top = -__builtin_inff(), sum = 0;
  for (int64_t first = 0; first < count; first += block) {
    int64_t size = count - first < block ? count - first : block;
    float block_top = top_of(x + first, size);
    if (block_top > top) {
      sum *= exponential(top - block_top);
      top = block_top;
    }
    sum += sum_of_exponentials(x + first, top, size);
  }
  return top + __builtin_logf(sum);
}

template <class T>
void probabilities(T* x, float normaliser, float scale, int64_t count) {
#pragma omp simd
  for (int64_t j = 0; j < count; ++j) narrow(scale * exponential(widen(x[j]) - normaliser), x[j]);
}

template <class T>
void cross_entropy_row(const CrossEntropy& op, int64_t r) {
  T* x = row_of<T>(op.logits, r);
  int64_t target = op.targets[r];
  float normaliser = log_sum_exp(x, op.logits.columns);
  float log_probability = widen(x[target]) - normaliser;
  op.loss[r] = -log_probability;
  if (!op.gradient) return;
  probabilities(x, normaliser, op.scale, op.logits.columns);
  narrow(op.scale * (exponential(log_probability) - 1.0f), x[target]);
}

void cross_entropy(const CrossEntropy& op, Range rows) {
  with_type(op.logits.type, [&](auto t) {
    for (int64_t r = rows.first; r < rows.last; ++r) cross_entropy_row<decltype(t)>(op, r);
  });
}
