// The wings never meet in the program; here they do: what the office counts is what the workshop
// does.
#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "cost/memory.h"
#include "cost/operations.h"
#include "device/device.h"
#include "nn/gpt.h"

namespace heliu {
namespace {

constexpr Model model{.layers = 3, .hidden = 48, .heads = 4, .sequence = 16, .vocabulary = 77};

nn::Shape shape() {
  return {model.layers,           model.hidden,   model.heads,
          feed_forward_of(model), model.sequence, model.vocabulary};
}

using Calls = std::map<std::tuple<std::string, int64_t, int64_t, int64_t>, int64_t>;

// The reference device, which also writes down what it is asked for.
class Recorder : public device::Device {
 public:
  Calls calls;

  void* allocate(size_t bytes) override { return inner_->allocate(bytes); }
  void release(void* memory) override { inner_->release(memory); }
  void upload(void* to, const void* from, size_t bytes) override {
    inner_->upload(to, from, bytes);
  }
  void download(void* to, const void* from, size_t bytes) override {
    inner_->download(to, from, bytes);
  }
  void wait() override { inner_->wait(); }
  void zero(void* memory, size_t bytes) override { inner_->zero(memory, bytes); }

  void convert(device::Matrix from, device::Matrix to) override {
    note("convert", from.rows, from.columns), inner_->convert(from, to);
  }
  void add(device::Matrix to, device::Matrix from) override {
    note("add", to.rows, to.columns), inner_->add(to, from);
  }
  void sum_of_squares(const float* x, int64_t count, double* sum) override {
    inner_->sum_of_squares(x, count, sum);
  }

  void gemm(const device::Gemm& op) override {
    const char* kernel = op.transpose_a ? "gemm_tn" : op.transpose_b ? "gemm_nt" : "gemm";
    note(kernel, op.c.rows, op.c.columns, op.transpose_a ? op.a.rows : op.a.columns),
        inner_->gemm(op);
  }
  void bias_gradient(const device::BiasGradient& op) override {
    note("bias_gradient", op.y.rows, op.y.columns), inner_->bias_gradient(op);
  }
  void embedding(const device::Embedding& op) override {
    note("embedding", op.x.rows, op.x.columns), inner_->embedding(op);
  }
  void embedding_backward(const device::EmbeddingBackward& op) override {
    note("embedding_backward", op.x_gradient.rows, op.x_gradient.columns),
        inner_->embedding_backward(op);
  }
  void layer_norm(const device::LayerNorm& op) override {
    note("layer_norm", op.x.rows, op.x.columns), inner_->layer_norm(op);
  }
  void layer_norm_backward(const device::LayerNormBackward& op) override {
    note("layer_norm_backward", op.x.rows, op.x.columns), inner_->layer_norm_backward(op);
  }
  void gelu(const device::Gelu& op) override {
    note("gelu", op.x.rows, op.x.columns), inner_->gelu(op);
  }
  void gelu_backward(const device::GeluBackward& op) override {
    note("gelu_backward", op.x.rows, op.x.columns), inner_->gelu_backward(op);
  }
  void attention(const device::Attention& op) override {
    note("attention", op.y.rows, op.y.columns, op.sequence), inner_->attention(op);
  }
  void attention_backward(const device::AttentionBackward& op) override {
    note("attention_backward", op.y.rows, op.y.columns, op.sequence),
        inner_->attention_backward(op);
  }
  void cross_entropy(const device::CrossEntropy& op) override {
    note("cross_entropy", op.logits.rows, op.logits.columns), inner_->cross_entropy(op);
  }
  void adamw(const device::AdamW& op) override { inner_->adamw(op); }

 private:
  void note(const char* kernel, int64_t m, int64_t n, int64_t k = 1) { ++calls[{kernel, m, n, k}]; }
  std::unique_ptr<device::Device> inner_ = device::open("reference");
};

class Promise : public testing::TestWithParam<Precision> {};
INSTANTIATE_TEST_SUITE_P(Wings, Promise, testing::Values(Precision::fp32, Precision::bf16),
                         [](const auto& each) { return std::string(name(each.param)); });

device::Type type_of(Precision precision) {
  return precision == Precision::bf16 ? device::Type::bf16 : device::Type::f32;
}

TEST_P(Promise, TheForecastCountsTheCallsThatAMicroBatchMakes) {
  Recorder recorder;
  nn::Gpt gpt(recorder, shape(), type_of(GetParam()), 2);
  gpt.initialise(1);
  recorder.calls.clear();
  std::vector<int32_t> ids(size_t(2 * model.sequence), 5);

  gpt.train(ids.data(), ids.data(), 2, 1);

  Calls promised;
  for (const cost::Call& call :
       cost::micro_batch_calls(model, cost::slowest_stage(model, 1), 1, 2, GetParam()))
    promised[{std::string(call.kernel), call.m, call.n, call.k}] += call.count;
  EXPECT_EQ(promised, recorder.calls);
}

TEST_P(Promise, TheForecastCountsTheBytesThatAModelTakes) {
  auto device = device::open("reference");
  for (int64_t micro_batch : {1, 3}) {
    nn::Gpt gpt(*device, shape(), type_of(GetParam()), micro_batch);
    Plan plan;
    plan.micro_batch = micro_batch;
    plan.precision = GetParam();

    MemoryParts parts = cost::memory(model, plan, {});

    Bytes promised = parts.weights + parts.gradients + parts.activations;
    EXPECT_NEAR(promised.base() / double(gpt.device_bytes()), 1, 0.002);
  }
}

}  // namespace
}  // namespace heliu
