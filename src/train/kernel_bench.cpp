#include "train/kernel_bench.h"

#include <algorithm>

#include "base/check.h"

namespace heliu::train {
namespace {

using device::Matrix;
using device::Type;

// More than the caches that one core can hope to keep to itself.
constexpr size_t cold_bytes = size_t(48) << 20;
constexpr size_t most_calls = 32;
constexpr int64_t head_size = 32;
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

KernelBench::KernelBench(device::Device& device, size_t arena_bytes)
    : device_(device), arena_(device, arena_bytes) {
  // Small numbers, not zeros: denormals and zeros may be faster than what training meets.
  std::vector<float> pattern(1 << 16);
  for (size_t i = 0; i < pattern.size(); ++i)
    pattern[i] = float(int(i * 2654435761u >> 16) % 2001 - 1000) * 1e-3f;
  for (size_t at = 0; at + pattern.size() * 4 <= arena_.bytes(); at += pattern.size() * 4)
    device_.upload(arena_.as<char>() + at, pattern.data(), pattern.size() * 4);
  device_.wait();
}

Matrix KernelBench::operand(int64_t rows, int64_t columns, Type type) {
  size_t bytes = size_t(rows * columns * device::size_of(type));
  if (used_ + bytes > arena_.bytes()) used_ = 0;
  HELIU_CHECK(bytes <= arena_.bytes());
  Matrix view = device::matrix(arena_.as<char>() + used_, type, rows, columns);
  used_ += (bytes + 4095) / 4096 * 4096;
  return view;
}

std::vector<std::function<void()>> KernelBench::prepare(const KernelShape& shape) {
  used_ = 0;
  std::vector<std::function<void()>> calls{call(shape)};
  size_t of_one = used_;
  while (calls.size() < most_calls && used_ < cold_bytes && used_ + of_one <= arena_.bytes())
    calls.push_back(call(shape));
  return calls;
}

std::function<void()> KernelBench::call(const KernelShape& s) {
  Type type = s.precision == Precision::bf16 ? Type::bf16 : Type::f32;
  int64_t m = s.m, n = s.n, k = s.k;
  auto floats = [&](int64_t count) { return operand(1, count, Type::f32).as<float>(); };
  auto ids = [&](int64_t count, int64_t below) {
    std::vector<int32_t> values(static_cast<size_t>(count));
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = int32_t(int64_t(i * 2654435761u) % below);
    int32_t* place = operand(1, count, Type::f32).as<int32_t>();
    device_.upload(place, values.data(), values.size() * 4);
    device_.wait();
    return place;
  };

  if (s.kernel == "empty") return [] {};
  if (s.kernel == "triad") {
    // a += c in f32: like the triad it reads two streams and writes one, 12 bytes an element.
    Matrix a = operand(1, m, Type::f32), c = operand(1, m, Type::f32);
    return [=, this] { device_.add(a, c); };
  }
  if (s.kernel == "gemm" || s.kernel == "gemm_nt" || s.kernel == "gemm_tn") {
    bool ta = s.kernel == "gemm_tn", tb = s.kernel == "gemm_nt";
    device::Gemm gemm{.a = ta ? operand(k, m, type) : operand(m, k, type),
                      .b = tb ? operand(n, k, type) : operand(k, n, type),
                      .c = operand(m, n, ta ? Type::f32 : type),
                      .transpose_a = ta,
                      .transpose_b = tb,
                      .accumulate = ta,
                      .bias = ta || tb ? nullptr : floats(n)};
    return [=, this] { device_.gemm(gemm); };
  }
  if (s.kernel == "attention") {
    device::Attention op{operand(m, 3 * n, type), operand(m, n, type), floats(n / head_size * m),
                         n / head_size, k};
    return [=, this] { device_.attention(op); };
  }
  if (s.kernel == "attention_backward") {
    device::AttentionBackward op{operand(m, 3 * n, type),
                                 operand(m, n, type),
                                 operand(m, n, type),
                                 floats(n / head_size * m),
                                 operand(m, 3 * n, type),
                                 n / head_size,
                                 k};
    device_.attention({op.qkv, op.y, const_cast<float*>(op.log_sum_exp), op.heads, op.sequence});
    return [=, this] { device_.attention_backward(op); };
  }
  if (s.kernel == "layer_norm") {
    device::LayerNorm op{};
    op.x = operand(m, n, Type::f32), op.add = operand(m, n, type), op.y = operand(m, n, type);
    op.gain = floats(n), op.bias = floats(n), op.mean = floats(m), op.rstd = floats(m);
    op.sum = operand(m, n, Type::f32);
    return [=, this] { device_.layer_norm(op); };
  }
  if (s.kernel == "layer_norm_backward") {
    device::LayerNormBackward op{};
    op.y_gradient = operand(m, n, type), op.x = operand(m, n, Type::f32), op.gain = floats(n),
    op.mean = floats(m);
    op.rstd = floats(m), op.x_gradient = operand(m, n, Type::f32), op.gain_gradient = floats(n),
    op.bias_gradient = floats(n);
    return [=, this] { device_.layer_norm_backward(op); };
  }
  if (s.kernel == "gelu") {
    device::Gelu op{operand(m, n, type), operand(m, n, type)};
    return [=, this] { device_.gelu(op); };
  }
  if (s.kernel == "gelu_backward") {
    Matrix gradient = operand(m, n, type);
    device::GeluBackward op{operand(m, n, type), gradient, gradient};
    return [=, this] { device_.gelu_backward(op); };
  }
  if (s.kernel == "bias_gradient") {
    device::BiasGradient op{operand(m, n, type), floats(n)};
    return [=, this] { device_.bias_gradient(op); };
  }
  if (s.kernel == "convert") {
    Matrix from = operand(m, n, Type::f32), to = operand(m, n, Type::bf16);
    return [=, this] { device_.convert(from, to); };
  }
  if (s.kernel == "embedding") {
    device::Embedding op{ids(m, 4096), operand(4096, n, Type::f32), operand(128, n, Type::f32),
                         operand(m, n, Type::f32)};
    return [=, this] { device_.embedding(op); };
  }
  if (s.kernel == "embedding_backward") {
    device::EmbeddingBackward op{ids(m, 4096), operand(m, n, Type::f32),
                                 operand(4096, n, Type::f32), operand(128, n, Type::f32)};
    return [=, this] { device_.embedding_backward(op); };
  }
  if (s.kernel == "cross_entropy") {
    device::CrossEntropy op{operand(m, n, type), ids(m, n), floats(m)};
    return [=, this] { device_.cross_entropy(op); };
  }
  if (s.kernel == "sum_of_squares") {
    float* x = floats(m);
    double* sum = operand(1, 2, Type::f32).as<double>();
    return [=, this] { device_.sum_of_squares(x, m, sum); };
  }
  HELIU_CHECK(s.kernel == "adamw");
  device::AdamW op{};
  op.count = m, op.parameter = floats(m), op.gradient = floats(m), op.first_moment = floats(m),
  op.second_moment = floats(m);
  op.copy = operand(1, m, Type::bf16).data;
  op.gradient_scale = 1, op.learning_rate = 1e-6f, op.beta1 = 0.9f, op.beta2 = 0.95f,
  op.epsilon = 1e-8f, op.step = 1;
  return [=, this] { device_.adamw(op); };
}

}  // namespace heliu::train
