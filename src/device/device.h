// One accelerator, or the host processor seen as one: memory, an in-order queue, and the
// mathematics of a transformer's training step.
//
// Every call enqueues and returns; wait() is the only one that blocks (on the host processor the
// work is done before a call returns). Calls throw DeviceError. Pointers are device memory, from
// Memory; `reference` is the truth that every other backend is tested against, operation by
// operation.
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
#include <utility>
#include <vector>

#include "device/operations.h"

namespace heliu::device {

class DeviceError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
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
  virtual void convert(Matrix from, Matrix to) = 0;  // f32 <-> bf16, round to nearest even
  virtual void add(Matrix to, Matrix from) = 0;      // to (f32) += from (compute type)
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
  Memory(Device& device, size_t bytes)
      : device_(&device), data_(device.allocate(bytes)), bytes_(bytes) {}
  Memory(Memory&& other) noexcept { swap(other); }
  Memory& operator=(Memory&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Memory() {
    if (data_) device_->release(data_);
  }

  void* data() const { return data_; }
  size_t bytes() const { return bytes_; }
  template <class T>
  T* as() const {
    return static_cast<T*>(data_);
  }

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
