#include "device/metered.h"

#include <chrono>

namespace heliu::device {
namespace {

class Metered : public Device {
 public:
  Metered(Device& inner, Meter& meter) : inner_(inner), meter_(meter) {}

  void* allocate(size_t bytes) override { return inner_.allocate(bytes); }
  void release(void* memory) override { inner_.release(memory); }
  void upload(void* to, const void* from, size_t bytes) override { inner_.upload(to, from, bytes); }
  void download(void* to, const void* from, size_t bytes) override {
    inner_.download(to, from, bytes);
  }
  void wait() override { inner_.wait(); }

  void zero(void* memory, size_t bytes) override {
    time(OperationClass::elementwise, [&] { inner_.zero(memory, bytes); });
  }
  void convert(Matrix from, Matrix to) override {
    time(OperationClass::elementwise, [&] { inner_.convert(from, to); });
  }
  void add(Matrix to, Matrix from) override {
    time(OperationClass::elementwise, [&] { inner_.add(to, from); });
  }
  void sum_of_squares(const float* x, int64_t count, double* sum) override {
    time(OperationClass::optimizer, [&] { inner_.sum_of_squares(x, count, sum); });
  }
  void gemm(const Gemm& op) override {
    time(OperationClass::gemm, [&] { inner_.gemm(op); });
  }
  void bias_gradient(const BiasGradient& op) override {
    time(OperationClass::elementwise, [&] { inner_.bias_gradient(op); });
  }
  void embedding(const Embedding& op) override {
    time(OperationClass::embedding, [&] { inner_.embedding(op); });
  }
  void embedding_backward(const EmbeddingBackward& op) override {
    time(OperationClass::embedding, [&] { inner_.embedding_backward(op); });
  }
  void layer_norm(const LayerNorm& op) override {
    time(OperationClass::elementwise, [&] { inner_.layer_norm(op); });
  }
  void layer_norm_backward(const LayerNormBackward& op) override {
    time(OperationClass::elementwise, [&] { inner_.layer_norm_backward(op); });
  }
  void gelu(const Gelu& op) override {
    time(OperationClass::elementwise, [&] { inner_.gelu(op); });
  }
  void gelu_backward(const GeluBackward& op) override {
    time(OperationClass::elementwise, [&] { inner_.gelu_backward(op); });
  }
  void attention(const Attention& op) override {
    time(OperationClass::attention, [&] { inner_.attention(op); });
  }
  void attention_backward(const AttentionBackward& op) override {
    time(OperationClass::attention, [&] { inner_.attention_backward(op); });
  }
  void cross_entropy(const CrossEntropy& op) override {
    time(OperationClass::loss, [&] { inner_.cross_entropy(op); });
  }
  void adamw(const AdamW& op) override {
    time(OperationClass::optimizer, [&] { inner_.adamw(op); });
  }

 private:
  // The queue is drained before and after, so that the time is this operation's and no other's.
  template <class Operation>
  void time(OperationClass kind, Operation operation) {
    inner_.wait();
    auto begin = std::chrono::steady_clock::now();
    operation();
    inner_.wait();
    std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    meter_[size_t(kind)] += elapsed.count();
  }

  Device& inner_;
  Meter& meter_;
};

}  // namespace

std::unique_ptr<Device> metered(Device& inner, Meter& meter) {
  return std::make_unique<Metered>(inner, meter);
}

}  // namespace heliu::device
