// What the operations of a Device read and write, one struct each.
//
// Nothing but plain data, so that a file of kernels may include it whatever it is compiled for.
#pragma once

#include "device/tensor.h"

namespace heliu::device {

// c = op(a) op(b) + (accumulate ? c : 0) + bias, op(a) being m x k, op(b) k x n, c m x n.
// a and b are of one type; c is of that type or f32. bias: n elements of f32, or null.
struct Gemm {
  Matrix a, b, c;
  bool transpose_a = false;
  bool transpose_b = false;
  bool accumulate = false;
  const float* bias = nullptr;
};

// gradient[j] += sum over rows of y[., j].
struct BiasGradient {
  Matrix y;         // rows x columns, compute type
  float* gradient;  // columns
};

// x[r] = tokens[id[r]] + positions[r % sequence].
struct Embedding {
  const int32_t* ids;  // x.rows
  Matrix tokens;       // vocabulary x hidden, f32
  Matrix positions;    // sequence x hidden, f32
  Matrix x;            // rows x hidden, f32
};

// tokens_gradient[id[r]] += x_gradient[r], positions_gradient[r % sequence] += x_gradient[r];
// the sums are formed in row order, so that they are the same for any number of threads.
struct EmbeddingBackward {
  const int32_t* ids;
  Matrix x_gradient;          // rows x hidden, f32
  Matrix tokens_gradient;     // vocabulary x hidden, f32
  Matrix positions_gradient;  // sequence x hidden, f32
};

// y = (x - mean) * rstd * gain + bias for each row, with rstd = 1 / sqrt(variance + 1e-5).
// With `add`, sum = x + add comes first (the residual connection) and is what is normalised.
struct LayerNorm {
  Matrix x;           // rows x hidden, f32
  Matrix add;         // rows x hidden, compute type; data null: none
  Matrix y;           // rows x hidden, compute type
  const float* gain;  // hidden
  const float* bias;  // hidden
  float* mean;        // rows, out
  float* rstd;        // rows, out
  Matrix sum = {};    // rows x hidden, f32, out with `add`; data null: x is overwritten
};

// x_gradient += (gradient of y through the normalisation); gain_gradient and bias_gradient +=
// theirs.
struct LayerNormBackward {
  Matrix y_gradient;  // rows x hidden, compute type
  Matrix x;           // rows x hidden, f32: what was normalised
  const float* gain;
  const float* mean;
  const float* rstd;
  Matrix x_gradient;     // rows x hidden, f32
  float* gain_gradient;  // hidden
  float* bias_gradient;  // hidden
};

// y = x * Phi(x), the exact (erf) form of Hendrycks and Gimpel, arXiv 1606.08415.
struct Gelu {
  Matrix x, y;  // same shape, compute type
};

// x_gradient = y_gradient * (Phi(x) + x phi(x)); x_gradient may be y_gradient.
struct GeluBackward {
  Matrix x, y_gradient, x_gradient;
};

// Causal self-attention of `heads` heads over sequences of `sequence` rows:
// y = softmax(q k^T / sqrt(d), keys up to the query's position) v, head by head.
// qkv holds q, k and v side by side, each heads * d columns; rows = sequences * sequence.
struct Attention {
  Matrix qkv;          // rows x 3 * heads * d, compute type
  Matrix y;            // rows x heads * d, compute type
  float* log_sum_exp;  // heads x rows, out: the softmax's normaliser, for the backward
  int64_t heads;
  int64_t sequence;
};

struct AttentionBackward {
  Matrix qkv, y, y_gradient;  // as above
  const float* log_sum_exp;
  Matrix qkv_gradient;  // rows x 3 * heads * d, out
  int64_t heads;
  int64_t sequence;
};

// loss[r] = -log softmax(logits[r])[target[r]]. With `gradient`, logits become
// scale * (softmax(logits) - onehot(target)).
struct CrossEntropy {
  Matrix logits;           // rows x vocabulary, compute type; in and, with `gradient`, out
  const int32_t* targets;  // rows
  float* loss;             // rows, out
  bool gradient = true;
  float scale = 1;
};

// One AdamW step (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2) over `count` parameters;
// the gradient is first multiplied by gradient_scale (clipping) and is zeroed after use.
struct AdamW {
  int64_t count;
  float* parameter;
  float* gradient;
  float* first_moment;
  float* second_moment;
  void* copy;  // bf16 copy of the new parameters, or null
  float gradient_scale, learning_rate, beta1, beta2, epsilon, weight_decay;
  int64_t step;  // from 1, for the bias correction
};

}  // namespace heliu::device
