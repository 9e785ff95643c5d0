// One accelerator, or the host processor seen as one: memory, an in-order queue, and the mathematics
// of a transformer's training step.
//
// Every call enqueues and returns; wait() is the only one that blocks (on the host processor the work
// is done before a call returns). Calls throw DeviceError. Pointers are device memory, from
// Memory; `reference` is the truth that every other backend is tested against, operation by operation.
//
// Types. The residual stream, its gradient, normalisation statistics, parameters' gradients and
// optimizer state are f32. Activations between matrix products, and the weights they use, are all
// of one "compute type", f32 or bf16; sums are always formed in f32.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "device/tensor.h"

namespace heliu::device {

class DeviceError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

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
  Matrix y;          // rows x columns, compute type
  float* gradient;   // columns
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
  Matrix x;             // rows x hidden, f32
  Matrix add;           // rows x hidden, compute type; data null: none
  Matrix y;             // rows x hidden, compute type
  const float* gain;    // hidden
  const float* bias;    // hidden
  float* mean;          // rows, out
  float* rstd;          // rows, out
  Matrix sum = {};      // rows x hidden, f32, out with `add`; data null: x is overwritten
};

// x_gradient += (gradient of y through the normalisation); gain_gradient and bias_gradient += theirs.
struct LayerNormBackward {
  Matrix y_gradient;     // rows x hidden, compute type
  Matrix x;              // rows x hidden, f32: what was normalised
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
  Matrix qkv_gradient;        // rows x 3 * heads * d, out
  int64_t heads;
  int64_t sequence;
};

// loss[r] = -log softmax(logits[r])[target[r]]. With `gradient`, logits become
// scale * (softmax(logits) - onehot(target)).
struct CrossEntropy {
  Matrix logits;  // rows x vocabulary, compute type; in and, with `gradient`, out
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
  void* copy;       // bf16 copy of the new parameters, or null
  float gradient_scale, learning_rate, beta1, beta2, epsilon, weight_decay;
  int64_t step;     // from 1, for the bias correction
};

class Device {
 public:
  virtual ~Device() = default;

  virtual void* allocate(size_t bytes) = 0;  // aligned to 64 bytes, zeroed
  virtual void release(void* memory) = 0;
  virtual void upload(void* to, const void* from, size_t bytes) = 0;
  virtual void download(void* to, const void* from, size_t bytes) = 0;
  virtual void wait() = 0;

  virtual void zero(void* memory, size_t bytes) = 0;
  virtual void convert(Matrix from, Matrix to) = 0;      // f32 <-> bf16, round to nearest even
  virtual void add(Matrix to, Matrix from) = 0;          // to (f32) += from (compute type)
  virtual void sum_of_squares(const float* x, int64_t count, double* sum) = 0;  // *sum += ...

  virtual void gemm(const Gemm&) = 0;
  virtual void bias_gradient(const BiasGradient&) = 0;
  virtual void embedding(const Embedding&) = 0;
  virtual void embedding_backward(const EmbeddingBackward&) = 0;
  virtual void layer_norm(const LayerNorm&) = 0;
  virtual void layer_norm_backward(const LayerNormBackward&) = 0;
  virtual void gelu(const Gelu&) = 0;
  virtual void gelu_backward(const GeluBackward&) = 0;
  virtual void attention(const Attention&) = 0;
  virtual void attention_backward(const AttentionBackward&) = 0;
  virtual void cross_entropy(const CrossEntropy&) = 0;
  virtual void adamw(const AdamW&) = 0;
};

struct Options {
  int threads = 1;
};

// Names of the backends in this binary, reference first: {"reference", "cpu"}.
std::vector<std::string> backends();

// Throws DeviceError for a name that is not in backends().
std::unique_ptr<Device> open(const std::string& backend, const Options& options = {});

// Device memory with an owner.
class Memory {
 public:
  Memory() = default;
  Memory(Device& device, size_t bytes) : device_(&device), data_(device.allocate(bytes)), bytes_(bytes) {}
  Memory(Memory&& other) noexcept { swap(other); }
  Memory& operator=(Memory&& other) noexcept { swap(other); return *this; }
  ~Memory() { if (data_) device_->release(data_); }

  void* data() const { return data_; }
  size_t bytes() const { return bytes_; }
  template <class T> T* as() const { return static_cast<T*>(data_); }

 private:
  void swap(Memory& other) noexcept {
    std::swap(device_, other.device_);
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
  }

  Device* device_ = nullptr;
  void* data_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace heliu::device
