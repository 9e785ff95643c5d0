// Every product is one oneDNN matmul: transposes are strides of the operands' descriptors,
// accumulation is a sum post-operation, and the bias rides along. Creating a primitive means
// generating machine code, so each is made once for its shape; its working memory is ours
// and shared, since one product runs at a time.
#include "device/cpu/products.h"

#include <omp.h>

#include <compare>
#include <dnnl.hpp>
#include <map>

#include "device/cpu/isa.h"
#include "device/cpu/parallel.h"
#include "device/cpu/scratch.h"
#include "device/device.h"

namespace heliu::device::cpu {
namespace {

using dnnl::memory;

// All that a primitive depends on.
struct Key {
  int64_t m, n, k;
  int64_t stride_a, stride_b, stride_c;
  Type type, type_c;
  bool transpose_a, transpose_b, accumulate, bias;

  auto operator<=>(const Key&) const = default;
};

Key key_of(const Gemm& op) {
  return {op.c.rows,      op.c.columns,  op.transpose_a ? op.a.rows : op.a.columns,
          op.a.stride,    op.b.stride,   op.c.stride,
          op.a.type,      op.c.type,     op.transpose_a,
          op.transpose_b, op.accumulate, op.bias != nullptr};
}

memory::data_type onednn(Type type) {
  return type == Type::f32 ? memory::data_type::f32 : memory::data_type::bf16;
}

memory::desc descriptor(int64_t rows, int64_t columns, Type type, int64_t stride, bool transposed) {
  memory::dims strides = transposed ? memory::dims{1, stride} : memory::dims{stride, 1};
  return memory::desc({rows, columns}, onednn(type), strides);
}

dnnl::matmul::primitive_desc description(const Key& key, const dnnl::engine& engine) {
  auto a = descriptor(key.m, key.k, key.type, key.stride_a, key.transpose_a);
  auto b = descriptor(key.k, key.n, key.type, key.stride_b, key.transpose_b);
  auto c = descriptor(key.m, key.n, key.type_c, key.stride_c, false);
  auto bias = descriptor(1, key.n, Type::f32, key.n, false);
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (key.accumulate) {
    dnnl::post_ops sum;
    sum.append_sum(1);
    attributes.set_post_ops(sum);
  }
  auto op = key.bias ? dnnl::matmul::desc(a, b, bias, c) : dnnl::matmul::desc(a, b, c);
  return dnnl::matmul::primitive_desc(op, attributes, engine);
}

// A primitive with its arguments, whose addresses are set before each execution.
struct Ready {
  dnnl::matmul primitive;
  memory a, b, c, bias, scratchpad;
  size_t scratchpad_bytes;
  std::unordered_map<int, memory> arguments;

  Ready(const dnnl::matmul::primitive_desc& about, const dnnl::engine& engine)
      : primitive(about),
        a(about.src_desc(), engine, nullptr),
        b(about.weights_desc(), engine, nullptr),
        c(about.dst_desc(), engine, nullptr),
        scratchpad(about.scratchpad_desc(), engine, nullptr),
        scratchpad_bytes(about.scratchpad_desc().get_size()),
        arguments{{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, c}} {
    arguments[DNNL_ARG_SCRATCHPAD] = scratchpad;
    if (about.bias_desc().get_size() == 0) return;
    bias = memory(about.bias_desc(), engine, nullptr);
    arguments[DNNL_ARG_BIAS] = bias;
  }
};

}  // namespace

struct Products::State {
  State(int thread_count, const Kernels& table) : threads(thread_count), kernels(table) {}

  int threads;
  const Kernels& kernels;
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
  bool has_bf16 = dnnl::get_effective_cpu_isa() >= dnnl::cpu_isa::avx512_core;
  std::map<Key, Ready> ready;
  Scratch scratchpad, wide_a, wide_b, wide_c;

  Ready& primitive_for(const Gemm& op);
  void execute(const Gemm& op);
  void execute_widened(Gemm op);
  Matrix widened(const Matrix& m, Scratch& scratch);
  void convert(const Matrix& from, const Matrix& to);
};

Ready& Products::State::primitive_for(const Gemm& op) {
  Key key = key_of(op);
  auto found = ready.find(key);
  if (found != ready.end()) return found->second;
  return ready.try_emplace(key, description(key, engine), engine).first->second;
}

void Products::State::execute(const Gemm& op) {
  // oneDNN cuts its work for the caller's thread count, when a primitive is made and when it runs.
  omp_set_num_threads(threads);
  Ready& product = primitive_for(op);
  product.a.set_data_handle(op.a.data);
  product.b.set_data_handle(op.b.data);
  product.c.set_data_handle(op.c.data);
  product.scratchpad.set_data_handle(scratchpad.reserve<char>(product.scratchpad_bytes));
  if (op.bias) product.bias.set_data_handle(const_cast<float*>(op.bias));
  product.primitive.execute(stream, product.arguments);
  stream.wait();
}

void Products::State::convert(const Matrix& from, const Matrix& to) {
  parallel(threads, from.rows, 1, [&](Range rows, int) { kernels.convert(from, to, rows); });
}

Matrix Products::State::widened(const Matrix& m, Scratch& scratch) {
  float* data = scratch.reserve<float>(size_t(m.rows * m.columns));
  return matrix(data, Type::f32, m.rows, m.columns);
}

// oneDNN knows bf16 from AVX-512 on. Below, operands are widened to f32 first: the same result,
// more slowly and with three buffers of working memory.
void Products::State::execute_widened(Gemm op) {
  Matrix narrow_a = op.a, narrow_b = op.b, narrow_c = op.c;
  op.a = widened(narrow_a, wide_a);
  op.b = widened(narrow_b, wide_b);
  convert(narrow_a, op.a);
  convert(narrow_b, op.b);
  if (narrow_c.type == Type::f32) return execute(op);
  op.c = widened(narrow_c, wide_c);
  if (op.accumulate) convert(narrow_c, op.c);
  execute(op);
  convert(op.c, narrow_c);
}

Products::Products(int threads, const Kernels& kernels) {
  prepare_onednn();
  state_ = std::make_unique<State>(threads, kernels);
}

Products::~Products() = default;

void Products::run(const Gemm& op) {
  if (op.c.rows == 0 || op.c.columns == 0) return;
  try {
    bool widen = op.a.type == Type::bf16 && !state_->has_bf16;
    widen ? state_->execute_widened(op) : state_->execute(op);
  } catch (const dnnl::error& error) {
    throw DeviceError(std::string("matrix product failed in oneDNN: ") + error.what());
  }
}

}  // namespace heliu::device::cpu
