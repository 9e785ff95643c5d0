// Every operation of the cpu device at the shapes of a small GPT, beside what the processor can do.
//
//   heliu_bench_device [threads] [backend]
//
// Products and attention are held against the multiply-add peak of their type, the others against a
// triad over as many bytes as they touch.
#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <functional>
#include <string>

#include "device/device.h"
#include "device_limits.h"

using namespace heliu;
using namespace heliu::device;

namespace {

constexpr int64_t rows = 2048, hidden = 256, wide = 1024, vocabulary = 4800;
constexpr int64_t heads = 8, sequence = 128, parameters = 5'000'000;

struct Bench {
  int threads;
  std::unique_ptr<Device> device;
  std::deque<Memory> memories;

  void* memory(int64_t bytes) { return memories.emplace_back(*device, size_t(bytes)).data(); }
  float* vector(int64_t count) { return static_cast<float*>(memory(count * 4)); }
  Matrix make(int64_t r, int64_t c, Type type) {
    return matrix(memory(r * c * size_of(type)), type, r, c);
  }
  double seconds(const std::function<void()>& work);
  void compute(const std::string& name, double operations, double peak,
               const std::function<void()>& work);
  void stream(const std::string& name, double bytes, const std::function<void()>& work);
  void product(const std::string& name, int64_t m, int64_t n, int64_t k, Type type,
               bool transpose_a, bool transpose_b, bool accumulate, double peak);
};

double Bench::seconds(const std::function<void()>& work) {
  work();
  double best = 1e9, until = bench::now() + 0.15;
  for (int repetition = 0; repetition < 5 || bench::now() < until; ++repetition) {
    double begin = bench::now();
    work();
    best = std::min(best, bench::now() - begin);
  }
  return best;
}

void Bench::compute(const std::string& name, double operations, double peak,
                    const std::function<void()>& work) {
  double time = seconds(work), rate = operations / time;
  fmt::print("{:<28} {:>9.1f} us {:>8.1f} GFLOP/s {:>5.0f} %\n", name, time * 1e6, rate / 1e9,
             100 * rate / peak);
}

void Bench::stream(const std::string& name, double bytes, const std::function<void()>& work) {
  double time = seconds(work), rate = bytes / time;
  fmt::print("{:<28} {:>9.1f} us {:>8.1f} GB/s    {:>5.0f} %\n", name, time * 1e6, rate / 1e9,
             100 * rate / bench::triad(int64_t(bytes), threads));
}

void Bench::product(const std::string& name, int64_t m, int64_t n, int64_t k, Type type,
                    bool transpose_a, bool transpose_b, bool accumulate, double peak) {
  Matrix a = transpose_a ? make(k, m, type) : make(m, k, type);
  Matrix b = transpose_b ? make(n, k, type) : make(k, n, type);
  Matrix c = make(m, n, accumulate ? Type::f32 : type);
  compute(name, 2.0 * double(m * n * k), peak, [=, this] {
    device->gemm({a, b, c, transpose_a, transpose_b, accumulate});
  });
}

void products(Bench& b, Type type, const std::string& suffix, double peak) {
  b.product("gemm forward" + suffix, rows, wide, hidden, type, false, false, false, peak);
  b.product("gemm input gradient" + suffix, rows, hidden, wide, type, false, true, false, peak);
  b.product("gemm weight gradient" + suffix, hidden, wide, rows, type, true, false, true, peak);
  b.product("gemm head" + suffix, rows, vocabulary, hidden, type, false, true, false, peak);
}

void attention(Bench& b, Type type, const std::string& suffix, double peak) {
  Matrix qkv = b.make(rows, 3 * hidden, type), y = b.make(rows, hidden, type);
  Matrix dy = b.make(rows, hidden, type), dqkv = b.make(rows, 3 * hidden, type);
  float* log_sum_exp = b.vector(heads * rows);
  // Two products of sequence / 2 keys on average forward, five backward.
  double one = double(rows) * double(sequence + 1) * double(hidden);
  b.compute("attention" + suffix, 2 * one, peak, [&] {
    b.device->attention({qkv, y, log_sum_exp, heads, sequence});
  });
  b.compute("attention backward" + suffix, 5 * one, peak, [&] {
    b.device->attention_backward({qkv, y, dy, log_sum_exp, dqkv, heads, sequence});
  });
}

void normalisation(Bench& b, Type type, const std::string& suffix) {
  Matrix x = b.make(rows, hidden, Type::f32), dx = b.make(rows, hidden, Type::f32);
  Matrix y = b.make(rows, hidden, type), add = b.make(rows, hidden, type);
  float *gain = b.vector(hidden), *bias = b.vector(hidden);
  float *gain_gradient = b.vector(hidden), *bias_gradient = b.vector(hidden);
  float *mean = b.vector(rows), *rstd = b.vector(rows);
  double n = double(rows * hidden), width = double(size_of(type));
  b.stream("layer norm with residual" + suffix, n * (8 + 2 * width), [&] {
    b.device->layer_norm({x, add, y, gain, bias, mean, rstd});
  });
  b.stream("layer norm backward" + suffix, n * (12 + width), [&] {
    b.device->layer_norm_backward({y, x, gain, mean, rstd, dx, gain_gradient, bias_gradient});
  });
}

void elementwise(Bench& b, Type type, const std::string& suffix) {
  Matrix x = b.make(rows, wide, type), y = b.make(rows, wide, type);
  Matrix logits = b.make(rows, vocabulary, type);
  float *bias = b.vector(wide), *loss = b.vector(rows);
  auto* targets = static_cast<int32_t*>(b.memory(rows * 4));
  double n = double(rows * wide), width = double(size_of(type));
  b.stream("gelu" + suffix, n * 2 * width, [&] { b.device->gelu({x, y}); });
  b.stream("gelu backward" + suffix, n * 3 * width, [&] { b.device->gelu_backward({x, y, y}); });
  b.stream("bias gradient" + suffix, n * width, [&] { b.device->bias_gradient({y, bias}); });
  b.stream("cross-entropy" + suffix, double(rows * vocabulary) * 3 * width, [&] {
    b.device->cross_entropy({logits, targets, loss});
  });
}

void optimizer(Bench& b) {
  float *p = b.vector(parameters), *g = b.vector(parameters);
  float *m = b.vector(parameters), *v = b.vector(parameters);
  void* copy = b.memory(parameters * 2);
  int64_t step = 0;
  b.stream("adamw with copy", double(parameters) * 34, [&] {
    b.device->adamw({parameters, p, g, m, v, copy, 1, 1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, ++step});
  });
  double sum = 0;
  b.stream("sum of squares", double(parameters) * 4,
           [&] { b.device->sum_of_squares(g, parameters, &sum); });
}

void embedding(Bench& b) {
  Matrix tokens = b.make(vocabulary, hidden, Type::f32),
         positions = b.make(sequence, hidden, Type::f32);
  Matrix x = b.make(rows, hidden, Type::f32);
  auto* ids = static_cast<int32_t*>(b.memory(rows * 4));
  for (int64_t r = 0; r < rows; ++r) ids[r] = int32_t(r * 7919 % vocabulary);
  double n = double(rows * hidden);
  b.stream("embedding", n * 12, [&] { b.device->embedding({ids, tokens, positions, x}); });
  b.stream("embedding backward", n * 20, [&] {
    b.device->embedding_backward({ids, x, tokens, positions});
  });
}

}  // namespace

int main(int argc, char** argv) {
  int threads = argc > 1 ? std::max(1, std::atoi(argv[1])) : 1;
  Bench b{threads, open(argc > 2 ? argv[2] : "cpu", {.threads = threads}), {}};
  double f32 = bench::f32_peak(threads), bf16 = bench::bf16_peak(threads);
  fmt::print("threads {}, peak f32 {:.0f} GFLOP/s, bf16 {:.0f} GFLOP/s, triad {:.1f} GB/s\n",
             threads, f32 / 1e9, bf16 / 1e9, bench::triad(300'000'000, threads) / 1e9);

  products(b, Type::f32, ", f32", f32);
  products(b, Type::bf16, ", bf16", bf16 > 0 ? bf16 : f32);
  attention(b, Type::f32, ", f32", f32);
  attention(b, Type::bf16, ", bf16", f32);
  normalisation(b, Type::bf16, ", bf16");
  elementwise(b, Type::f32, ", f32");
  elementwise(b, Type::bf16, ", bf16");
  embedding(b);
  optimizer(b);
}
