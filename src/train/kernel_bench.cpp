#include "train/kernel_bench.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace heliu::train {
namespace {

using device::Matrix;
using device::Type;

// More than the caches that one core can hope to keep to itself.
constexpr size_t cold_bytes = size_t(48) << 20;
constexpr size_t most_calls = 32;
constexpr int64_t head_size = 32, positions = 128, table_rows = 4096;
// Hidden size and tokens of a micro-batch.
constexpr std::pair<int64_t, int64_t> models[] = {{128, 256},  {256, 128}, {128, 2048}, {256, 512},
                                                  {256, 2048}, {512, 256}, {512, 1024}};
constexpr int64_t vocabularies[] = {1024, 6144};
constexpr int64_t largest_head = 256 * 6144;
constexpr int64_t most_head_rows = 1024;  // of one call: the model cuts its logits into such pieces

void add_products(std::vector<KernelShape>& shapes, Precision p, int64_t rows, int64_t h) {
  auto linear = [&](int64_t in, int64_t out) {
    shapes.push_back({"gemm", p, rows, out, in});
    shapes.push_back({"gemm_nt", p, rows, in, out});
    shapes.push_back({"gemm_tn", p, in, out, rows});
  };
  linear(h, 3 * h);
  linear(h, h);
  linear(h, 4 * h);
  linear(4 * h, h);
}

void add_head(std::vector<KernelShape>& shapes, Precision p, int64_t rows, int64_t h,
              int64_t vocabulary) {
  shapes.push_back({"gemm_nt", p, rows, vocabulary, h});
  shapes.push_back({"gemm", p, rows, h, vocabulary});
  shapes.push_back({"gemm_tn", p, vocabulary, h, rows});
  shapes.push_back({"cross_entropy", p, rows, vocabulary, 1});
}

void add_rest(std::vector<KernelShape>& shapes, Precision p, int64_t rows, int64_t h) {
  for (const char* kernel :
       {"layer_norm", "layer_norm_backward", "convert", "embedding", "embedding_backward"})
    shapes.push_back({kernel, p, rows, h, 1});
  for (const char* kernel : {"gelu", "gelu_backward", "bias_gradient"})
    shapes.push_back({kernel, p, rows, 4 * h, 1});
  shapes.push_back({"bias_gradient", p, rows, h, 1});
  for (int64_t sequence : {64, 128, 256}) {
    if (sequence > rows) continue;
    for (const char* kernel : {"attention", "attention_backward"})
      shapes.push_back({kernel, p, rows, h, sequence});
  }
}

// What makes one call of a kernel at a shape: its operands, and the operation.
using Call = std::function<void()>;
using Make = Call (*)(const KernelShape&, Operands&);

Type type_of(const KernelShape& s) {
  return s.precision == Precision::bf16 ? Type::bf16 : Type::f32;
}

Call empty(const KernelShape&, Operands&) {
  return [] {};
}

// a += c in f32: like the triad it reads two streams and writes one, 12 bytes an element.
Call triad(const KernelShape& s, Operands& o) {
  Matrix a = o.matrix(1, s.m, Type::f32), c = o.matrix(1, s.m, Type::f32);
  return [=, &o] { o.device().add(a, c); };
}

Call product(const KernelShape& s, Operands& o) {
  bool ta = s.kernel == "gemm_tn", tb = s.kernel == "gemm_nt";
  Type type = type_of(s);
  device::Gemm op{.a = ta ? o.matrix(s.k, s.m, type) : o.matrix(s.m, s.k, type),
                  .b = tb ? o.matrix(s.n, s.k, type) : o.matrix(s.k, s.n, type),
                  .c = o.matrix(s.m, s.n, ta ? Type::f32 : type),
                  .transpose_a = ta,
                  .transpose_b = tb,
                  .accumulate = ta,
                  .bias = ta || tb ? nullptr : o.floats(s.n)};
  return [=, &o] { o.device().gemm(op); };
}

device::Attention attention_of(const KernelShape& s, Operands& o) {
  int64_t heads = s.n / head_size;
  return {o.matrix(s.m, 3 * s.n, type_of(s)), o.matrix(s.m, s.n, type_of(s)), o.floats(heads * s.m),
          heads, s.k};
}

Call attention(const KernelShape& s, Operands& o) {
  device::Attention op = attention_of(s, o);
  return [=, &o] { o.device().attention(op); };
}

Call attention_backward(const KernelShape& s, Operands& o) {
  device::Attention forward = attention_of(s, o);
  o.device().attention(forward);  // for a log-sum-exp that is one
  device::AttentionBackward op{forward.qkv,
                               forward.y,
                               o.matrix(s.m, s.n, type_of(s)),
                               forward.log_sum_exp,
                               o.matrix(s.m, 3 * s.n, type_of(s)),
                               forward.heads,
                               forward.sequence};
  return [=, &o] { o.device().attention_backward(op); };
}

Call layer_norm(const KernelShape& s, Operands& o) {
  device::LayerNorm op{.x = o.matrix(s.m, s.n, Type::f32),
                       .add = o.matrix(s.m, s.n, type_of(s)),
                       .y = o.matrix(s.m, s.n, type_of(s)),
                       .gain = o.floats(s.n),
                       .bias = o.floats(s.n),
                       .mean = o.floats(s.m),
                       .rstd = o.floats(s.m),
                       .sum = o.matrix(s.m, s.n, Type::f32)};
  return [=, &o] { o.device().layer_norm(op); };
}

Call layer_norm_backward(const KernelShape& s, Operands& o) {
  device::LayerNormBackward op{.y_gradient = o.matrix(s.m, s.n, type_of(s)),
                               .x = o.matrix(s.m, s.n, Type::f32),
                               .gain = o.floats(s.n),
                               .mean = o.floats(s.m),
                               .rstd = o.floats(s.m),
                               .x_gradient = o.matrix(s.m, s.n, Type::f32),
                               .gain_gradient = o.floats(s.n),
                               .bias_gradient = o.floats(s.n)};
  return [=, &o] { o.device().layer_norm_backward(op); };
}

Call gelu(const KernelShape& s, Operands& o) {
  device::Gelu op{o.matrix(s.m, s.n, type_of(s)), o.matrix(s.m, s.n, type_of(s))};
  return [=, &o] { o.device().gelu(op); };
}

Call gelu_backward(const KernelShape& s, Operands& o) {
  Matrix gradient = o.matrix(s.m, s.n, type_of(s));
  device::GeluBackward op{o.matrix(s.m, s.n, type_of(s)), gradient, gradient};
  return [=, &o] { o.device().gelu_backward(op); };
}

Call bias_gradient(const KernelShape& s, Operands& o) {
  device::BiasGradient op{o.matrix(s.m, s.n, type_of(s)), o.floats(s.n)};
  return [=, &o] { o.device().bias_gradient(op); };
}

Call convert(const KernelShape& s, Operands& o) {
  Matrix from = o.matrix(s.m, s.n, Type::f32), to = o.matrix(s.m, s.n, Type::bf16);
  return [=, &o] { o.device().convert(from, to); };
}

Call embedding(const KernelShape& s, Operands& o) {
  device::Embedding op{o.ids(s.m, table_rows), o.matrix(table_rows, s.n, Type::f32),
                       o.matrix(positions, s.n, Type::f32), o.matrix(s.m, s.n, Type::f32)};
  return [=, &o] { o.device().embedding(op); };
}

Call embedding_backward(const KernelShape& s, Operands& o) {
  device::EmbeddingBackward op{o.ids(s.m, table_rows), o.matrix(s.m, s.n, Type::f32),
                               o.matrix(table_rows, s.n, Type::f32),
                               o.matrix(positions, s.n, Type::f32)};
  return [=, &o] { o.device().embedding_backward(op); };
}

Call cross_entropy(const KernelShape& s, Operands& o) {
  device::CrossEntropy op{o.matrix(s.m, s.n, type_of(s)), o.ids(s.m, s.n), o.floats(s.m)};
  return [=, &o] { o.device().cross_entropy(op); };
}

Call sum_of_squares(const KernelShape& s, Operands& o) {
  float* x = o.floats(s.m);
  double* sum = o.matrix(1, 2, Type::f32).as<double>();
  return [=, &o] { o.device().sum_of_squares(x, s.m, sum); };
}

Call adamw(const KernelShape& s, Operands& o) {
  device::AdamW op{.count = s.m,
                   .parameter = o.floats(s.m),
                   .gradient = o.floats(s.m),
                   .first_moment = o.floats(s.m),
                   .second_moment = o.floats(s.m),
                   .copy = o.matrix(1, s.m, Type::bf16).data,
                   .gradient_scale = 1,
                   .learning_rate = 1e-6f,
                   .beta1 = 0.9f,
                   .beta2 = 0.95f,
                   .epsilon = 1e-8f,
                   .weight_decay = 0,
                   .step = 1};
  return [=, &o] { o.device().adamw(op); };
}

constexpr std::pair<std::string_view, Make> kernels[] = {
    {"empty", empty},
    {"triad", triad},
    {"gemm", product},
    {"gemm_nt", product},
    {"gemm_tn", product},
    {"attention", attention},
    {"attention_backward", attention_backward},
    {"layer_norm", layer_norm},
    {"layer_norm_backward", layer_norm_backward},
    {"gelu", gelu},
    {"gelu_backward", gelu_backward},
    {"bias_gradient", bias_gradient},
    {"convert", convert},
    {"embedding", embedding},
    {"embedding_backward", embedding_backward},
    {"cross_entropy", cross_entropy},
    {"sum_of_squares", sum_of_squares},
    {"adamw", adamw},
};

}  // namespace

std::vector<KernelShape> kernel_shapes(const std::vector<Precision>& precisions) {
  std::vector<KernelShape> shapes;
  for (int64_t count : {1 << 16, 1 << 20, 1 << 23})
    for (const char* kernel : {"adamw", "sum_of_squares", "triad"})
      shapes.push_back({kernel, Precision::fp32, count, 1, 1});
  shapes.push_back({"empty", Precision::fp32, 1, 1, 1});
  for (Precision p : precisions)
    for (auto [h, rows] : models) {
      add_products(shapes, p, rows, h);
      add_rest(shapes, p, rows, h);
      for (int64_t vocabulary : vocabularies)
        if (h * vocabulary <= largest_head)
          add_head(shapes, p, std::min(rows, most_head_rows), h, vocabulary);
    }
  return shapes;
}

std::vector<KernelShape> small_shapes() {
  std::vector<KernelShape> shapes;
  for (Precision p : {Precision::fp32, Precision::bf16}) {
    add_products(shapes, p, 256, 128);
    add_rest(shapes, p, 256, 128);
    add_head(shapes, p, 256, 128, 1024);
  }
  return shapes;
}

std::vector<std::function<void()>> prepare(const KernelShape& shape, Operands& operands) {
  auto kernel = std::find_if(std::begin(kernels), std::end(kernels),
                             [&](const auto& k) { return k.first == shape.kernel; });
  HELIU_CHECK(kernel != std::end(kernels));
  operands.start_again();
  std::vector<std::function<void()>> calls{kernel->second(shape, operands)};
  size_t of_one = operands.used();
  while (calls.size() < most_calls && operands.used() < cold_bytes &&
         operands.used() + of_one <= operands.bytes())
    calls.push_back(kernel->second(shape, operands));
  return calls;
}

}  // namespace heliu::train
