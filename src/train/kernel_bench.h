// One kernel of the device room, ready to be called again and again at one shape.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "spec/precision.h"
#include "train/operands.h"

namespace heliu::train {

// A kernel and shape to measure; names and sizes as in KernelTime (spec/record.h).
struct KernelShape {
  std::string kernel;
  Precision precision = Precision::fp32;
  int64_t m = 1, n = 1, k = 1;
};

// Shapes of models between 128 and 512 wide, micro-batches of 256 to 2048 tokens.
std::vector<KernelShape> kernel_shapes(const std::vector<Precision>& precisions);

// Those of one small model: enough to load what a training step would.
std::vector<KernelShape> small_shapes();

// Calls to time one after the other, again and again: the same kernel on operands that lie apart,
// because in training, too, they come from memory and not from the last call.
std::vector<std::function<void()>> prepare(const KernelShape& shape, Operands& operands);

}  // namespace heliu::train
