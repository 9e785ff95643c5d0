#include "device/cpu/cpu.h"

#include <cmath>
#include <cstring>
#include <vector>

#include "device/cpu/isa.h"
#include "device/cpu/parallel.h"
#include "device/cpu/products.h"
#include "device/cpu/scratch.h"
#include "device/host_memory.h"
#include "device/shapes.h"

namespace heliu::device::cpu {
namespace {

// Sums over rows or elements that several threads share are formed in parts whose bounds depend
// on the shape alone, and the parts are added in order: the result is the same for any number of
// threads.
constexpr int64_t most_parts = 256;
constexpr int64_t rows_in_part = 32, elements_in_part = 65536;

int64_t part_size(int64_t count, int64_t least) {
  return std::max(least, (count + most_parts - 1) / most_parts);
}

// Columns are shared out in whole cache lines of floats, several at a time.
constexpr int64_t column_unit = 64;

// Waking a thread takes as long as some thousand elements.
constexpr int64_t elements_worth_a_thread = 4096;

int64_t rows_worth_a_thread(const Matrix& m) {
  return elements_worth_a_thread / std::max<int64_t>(m.columns, 1) + 1;
}

class Cpu : public HostMemoryDevice {
 public:
  Cpu(int threads, const Kernels& kernels)
      : threads_(threads), kernels_(kernels), products_(threads, kernels) {}

  void zero(void* memory, size_t bytes) override {
    share_out(int64_t(bytes), 1 << 16, [&](Range part) {
      std::memset(static_cast<char*>(memory) + part.first, 0, size_t(part.last - part.first));
    });
  }
  void convert(Matrix from, Matrix to) override {
    check_convert(from, to);
    share_out_rows(from, [&](Range rows) { kernels_.convert(from, to, rows); });
  }
  void add(Matrix to, Matrix from) override {
    check_add(to, from);
    share_out_rows(to, [&](Range rows) { kernels_.add(to, from, rows); });
  }
  void sum_of_squares(const float* x, int64_t count, double* sum) override;

  void gemm(const Gemm& op) override {
    check(op);
    products_.run(op);
  }
  void bias_gradient(const BiasGradient& op) override {
    check(op);
    share_out(op.y.columns, column_unit,
              [&](Range columns) { kernels_.bias_gradient(op, columns); });
  }
  void embedding(const Embedding& op) override {
    check(op);
    check_ids(op.ids, op.x.rows, op.tokens.rows);
    share_out_rows(op.x, [&](Range rows) { kernels_.embedding(op, rows); });
  }
  void embedding_backward(const EmbeddingBackward& op) override {
    check(op);
    check_ids(op.ids, op.x_gradient.rows, op.tokens_gradient.rows);
    share_out(op.x_gradient.columns, column_unit,
              [&](Range columns) { kernels_.embedding_backward(op, columns); });
  }
  void layer_norm(const LayerNorm& op) override {
    check(op);
    share_out_rows(op.x, [&](Range rows) { kernels_.layer_norm(op, rows); });
  }
  void layer_norm_backward(const LayerNormBackward& op) override;
  void gelu(const Gelu& op) override {
    check(op);
    share_out_rows(op.x, [&](Range rows) { kernels_.gelu(op, rows); });
  }
  void gelu_backward(const GeluBackward& op) override {
    check(op);
    share_out_rows(op.x, [&](Range rows) { kernels_.gelu_backward(op, rows); });
  }
  void attention(const Attention& op) override {
    check(op);
    each_head(op, [&](int64_t head, int64_t first_row, float* scratch) {
      kernels_.attention(op, head, first_row, scratch);
    });
  }
  void attention_backward(const AttentionBackward& op) override {
    check(op);
    each_head(op, [&](int64_t head, int64_t first_row, float* scratch) {
      kernels_.attention_backward(op, head, first_row, scratch);
    });
  }
  void cross_entropy(const CrossEntropy& op) override {
    check(op);
    check_ids(op.targets, op.logits.rows, op.logits.columns);
    share_out_rows(op.logits, [&](Range rows) { kernels_.cross_entropy(op, rows); });
  }
  void adamw(const AdamW& op) override;

 private:
  template <class Work>
  void share_out(int64_t count, int64_t unit, const Work& work) {
    parallel(threads_, count, unit, [&](Range range, int) { work(range); });
  }
  template <class Work>
  void share_out_rows(const Matrix& m, const Work& work) {
    share_out(m.rows, rows_worth_a_thread(m), work);
  }
  template <class Op, class Work>
  void each_head(const Op& op, const Work& work);

  int threads_;
  const Kernels& kernels_;
  Products products_;
  Scratch scratch_;
};

void Cpu::sum_of_squares(const float* x, int64_t count, double* sum) {
  int64_t size = part_size(count, elements_in_part);
  int64_t parts = (count + size - 1) / size;
  double* part_sums = scratch_.reserve<double>(size_t(parts));
  share_out(parts, 1, [&](Range range) {
    for (int64_t p = range.first; p < range.last; ++p) {
      part_sums[p] = kernels_.sum_of_squares(x, {p * size, std::min(count, (p + 1) * size)});
    }
  });
  for (int64_t p = 0; p < parts; ++p) *sum += part_sums[p];
}

void Cpu::layer_norm_backward(const LayerNormBackward& op) {
  check(op);
  int64_t size = part_size(op.x.rows, rows_in_part), hidden = op.x.columns;
  int64_t parts = (op.x.rows + size - 1) / size;
  // A part's sums: those of the gain, then those of the bias.
  float* sums = scratch_.reserve<float>(size_t(parts * 2 * hidden));
  share_out(parts, 1, [&](Range range) {
    for (int64_t p = range.first; p < range.last; ++p) {
      float* gain = sums + p * 2 * hidden;
      std::memset(gain, 0, size_t(2 * hidden) * sizeof(float));
      Range rows{p * size, std::min(op.x.rows, (p + 1) * size)};
      kernels_.layer_norm_backward(op, rows, gain, gain + hidden);
    }
  });
  Matrix parts_of_both = matrix(sums, Type::f32, parts, 2 * hidden);
  bias_gradient({columns(parts_of_both, 0, hidden), op.gain_gradient});
  bias_gradient({columns(parts_of_both, hidden, hidden), op.bias_gradient});
}

template <class Op, class Work>
void Cpu::each_head(const Op& op, const Work& work) {
  int64_t tasks = op.heads * (op.y.rows / op.sequence);
  int64_t floats = kernels_.attention_scratch(op.sequence, op.y.columns / op.heads);
  float* scratch = scratch_.reserve<float>(size_t(floats * threads_));
  parallel(threads_, tasks, 1, [&](Range range, int thread) {
    for (int64_t task = range.first; task < range.last; ++task) {
      work(task % op.heads, task / op.heads * op.sequence, scratch + floats * thread);
    }
  });
}

void Cpu::adamw(const AdamW& op) {
  check(op);
  auto correction = [&](float beta) {
    return float(1 / (1 - std::pow(double(beta), double(op.step))));
  };
  BiasCorrection both{correction(op.beta1), correction(op.beta2)};
  share_out(op.count, elements_worth_a_thread,
            [&](Range range) { kernels_.adamw(op, both, range); });
}

}  // namespace

std::unique_ptr<Device> open(int threads) { return open(threads, *host_kernels().front()); }

std::unique_ptr<Device> open(int threads, const Kernels& kernels) {
  return std::make_unique<Cpu>(threads, kernels);
}

}  // namespace heliu::device::cpu
