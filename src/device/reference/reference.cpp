#include "device/reference/reference.h"

#include <cstring>

#include "device/host_memory.h"
#include "device/shapes.h"

namespace heliu::device::reference {
namespace {

// Checks the shapes, then computes.
template <class Operation>
void run(void (*compute)(const Operation&), const Operation& op) {
  check(op);
  compute(op);
}

class Reference : public HostMemoryDevice {
 public:
  void zero(void* memory, size_t bytes) override {
    if (bytes > 0) std::memset(memory, 0, bytes);
  }
  void convert(Matrix from, Matrix to) override {
    check_convert(from, to);
    reference::convert(from, to);
  }
  void add(Matrix to, Matrix from) override {
    check_add(to, from);
    reference::add(to, from);
  }
  void sum_of_squares(const float* x, int64_t count, double* sum) override {
    *sum += reference::sum_of_squares(x, count);
  }
  void gemm(const Gemm& op) override { run(reference::gemm, op); }
  void bias_gradient(const BiasGradient& op) override { run(reference::bias_gradient, op); }
  void embedding(const Embedding& op) override {
    check_ids(op.ids, op.x.rows, op.tokens.rows);
    run(reference::embedding, op);
  }
  void embedding_backward(const EmbeddingBackward& op) override {
    check_ids(op.ids, op.x_gradient.rows, op.tokens_gradient.rows);
    run(reference::embedding_backward, op);
  }
  void layer_norm(const LayerNorm& op) override { run(reference::layer_norm, op); }
  void layer_norm_backward(const LayerNormBackward& op) override {
    run(reference::layer_norm_backward, op);
  }
  void gelu(const Gelu& op) override { run(reference::gelu, op); }
  void gelu_backward(const GeluBackward& op) override { run(reference::gelu_backward, op); }
  void attention(const Attention& op) override { run(reference::attention, op); }
  void attention_backward(const AttentionBackward& op) override {
    run(reference::attention_backward, op);
  }
  void cross_entropy(const CrossEntropy& op) override {
    check_ids(op.targets, op.logits.rows, op.logits.columns);
    run(reference::cross_entropy, op);
  }
  void adamw(const AdamW& op) override { run(reference::adamw, op); }
};

}  // namespace

std::unique_ptr<Device> open() { return std::make_unique<Reference>(); }

}  // namespace heliu::device::reference
