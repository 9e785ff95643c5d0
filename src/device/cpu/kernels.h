// The loops of the cpu backend, one table for each instruction set they are compiled for.
//
// The same text (kernels/*.inl) is compiled with different -march flags. A file compiled so must
// leave nothing behind that the linker could merge with its namesake from another file and then run
// on a processor that lacks the instructions: no templates or inline functions of the standard
// library, everything else in an unnamed namespace. Hence the plain C of these signatures.
//
// Kernels work on a range, on one thread, and never allocate; cpu.cpp cuts the ranges.
#pragma once

#include <cstddef>

#include "device/operations.h"

namespace heliu::device::cpu {

// Rows, columns or elements [first, last).
struct Range {
  int64_t first, last;
};

// 1 / (1 - beta^step): what lifts AdamW's moments to their size when they started from zero.
struct BiasCorrection {
  float first, second;
};

struct Kernels {
  const char* isa;  // "baseline", "avx2", "avx512"

  void (*convert)(const Matrix& from, const Matrix& to, Range rows);
  void (*add)(const Matrix& to, const Matrix& from, Range rows);
  double (*sum_of_squares)(const float* x, Range elements);
  void (*bias_gradient)(const BiasGradient&, Range columns);
  void (*embedding)(const Embedding&, Range rows);
  void (*embedding_backward)(const EmbeddingBackward&, Range columns);
  void (*layer_norm)(const LayerNorm&, Range rows);
  // Adds the rows' share of the gain's and the bias's gradient to `gain` and `bias`.
  void (*layer_norm_backward)(const LayerNormBackward&, Range rows, float* gain, float* bias);
  void (*gelu)(const Gelu&, Range rows);
  void (*gelu_backward)(const GeluBackward&, Range rows);
  void (*cross_entropy)(const CrossEntropy&, Range rows);
  void (*adamw)(const AdamW&, BiasCorrection, Range elements);

  // One head of one sequence; the scratch holds attention_scratch() floats, aligned to 64 bytes.
  void (*attention)(const Attention&, int64_t head, int64_t first_row, float* scratch);
  void (*attention_backward)(const AttentionBackward&, int64_t head, int64_t first_row,
                             float* scratch);
  int64_t (*attention_scratch)(int64_t sequence, int64_t head_size);
};

const Kernels& baseline_kernels();
const Kernels& avx2_kernels();
const Kernels& avx512_kernels();

}  // namespace heliu::device::cpu
