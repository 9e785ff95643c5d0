// The buffers that one micro-batch needs, all in one allocation made once.
//
// What the backward reads again is kept for every block; what it only passes on is shared by all
// blocks. The residual stream is kept before each normalisation, in f32. The logits are made
// and turned into their gradient a few rows at a time, so that a large vocabulary costs little.
// memory.h states the sum of it all as a formula.
#pragma once

#include <vector>

#include "nn/parameters.h"

namespace heliu::nn {

// Rows of logits that exist at a time.
constexpr int64_t logits_rows = 1024;

// A normalisation's input, output and statistics.
struct NormActivations {
  device::Matrix x;  // f32
  device::Matrix y;  // compute type
  float* mean = nullptr;
  float* rstd = nullptr;
};

// With `heads`, `hidden` and `feed_forward` divided by the number of tensor-parallel ranks:
struct BlockActivations {
  NormActivations attention_norm;
  device::Matrix qkv;      // rows x 3 hidden
  device::Matrix context;  // rows x hidden
  float* log_sum_exp = nullptr;
  NormActivations feed_forward_norm;
  device::Matrix expanded;   // rows x feed_forward, before GELU
  device::Matrix activated;  // after
};

// Used by one block after the other.
struct Scratch {
  device::Matrix branch;   // rows x hidden: what a half block adds to the stream, or its gradient
  device::Matrix partial;  // the same in f32, where it is a sum over ranks and computing in bf16
  device::Matrix x_gradient;     // f32: gradient of the residual stream
  device::Matrix norm_gradient;  // gradient of a normalisation's output
  device::Matrix expanded_gradient;
  device::Matrix context_gradient, qkv_gradient;  // in the same place as expanded_gradient
};

struct HeadActivations {
  NormActivations norm;
  device::Matrix logits;  // logits_rows or fewer x vocabulary, then their gradient
  int32_t* targets = nullptr;
  float* loss = nullptr;
  float* last_logits = nullptr;  // vocabulary, for generation
};

struct Activations {
  int32_t* ids = nullptr;
  std::vector<BlockActivations> blocks;
  HeadActivations head;
  Scratch scratch;
};

// Device memory that lay_out needs, in bytes.
size_t activation_bytes(const Shape& shape, const Share& share, int64_t micro_batch,
                        device::Type compute);

// Views into `memory`, each beginning at a multiple of 64 bytes from it.
Activations lay_out(const Shape& shape, const Share& share, int64_t micro_batch,
                    device::Type compute, void* memory);

// The part of the buffers that a call with fewer rows uses.
BlockActivations first_rows(BlockActivations block, int64_t rows);
HeadActivations first_rows(HeadActivations head, int64_t rows);
Scratch first_rows(Scratch scratch, int64_t rows);

}  // namespace heliu::nn
