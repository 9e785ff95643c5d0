// AdamW in one pass: moments, parameter, the gradient's clearing and the bf16 copy.

template <bool with_copy>
void adamw_range(const AdamW& op, BiasCorrection correction, Range elements) {
  float* __restrict parameter = op.parameter;
  float* __restrict gradient = op.gradient;
  float* __restrict first_moment = op.first_moment;
  float* __restrict second_moment = op.second_moment;
  bf16* __restrict copy = static_cast<bf16*>(op.copy);
  const float scale = op.gradient_scale, beta1 = op.beta1, beta2 = op.beta2;
  const float keep = 1.0f - op.learning_rate * op.weight_decay;
  const float rate = op.learning_rate * correction.first, epsilon = op.epsilon;
#pragma omp simd
  for (int64_t i = elements.first; i < elements.last; ++i) {
    float g = gradient[i] * scale;
    float m = beta1 * first_moment[i] + (1.0f - beta1) * g;
    float v = beta2 * second_moment[i] + (1.0f - beta2) * g * g;
    float root = __builtin_sqrtf(v * correction.second);
    float p = parameter[i] * keep - rate * m / (root + epsilon);
    first_moment[i] = m;
    second_moment[i] = v;
    parameter[i] = p;
    gradient[i] = 0;
    if constexpr (with_copy) narrow(p, copy[i]);
  }
}

void adamw(const AdamW& op, BiasCorrection correction, Range elements) {
  if (op.copy) {
    adamw_range<true>(op, correction, elements);
  } else {
    adamw_range<false>(op, correction, elements);
  }
}
