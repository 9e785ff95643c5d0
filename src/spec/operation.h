// The classes into which a training step's time is divided, in the forecast as in the measurement.
#pragma once

#include <array>
#include <string_view>

namespace heliu {

enum class OperationClass {
  gemm,           // matrix products
  attention,      // scores, softmax and context, forward and backward
  elementwise,    // normalisation, GELU, residual and bias sums, conversions
  embedding,      // token and position look-up and its scatter
  loss,           // cross-entropy over the vocabulary
  optimizer,      // AdamW and the gradient norm
  communication,  // collectives, as far as they are not hidden behind the others
  other,          // data, launch overhead, what nothing above names
};

constexpr std::array<std::string_view, 8> operation_class_names = {
    "gemm", "attention", "elementwise", "embedding", "loss", "optimizer", "communication", "other"};
constexpr size_t operation_class_count = operation_class_names.size();

}  // namespace heliu
