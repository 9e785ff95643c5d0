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
  communication,  // collectives not told apart, as far as they are not hidden behind the others
  other,          // data, launch overhead, what nothing here names
  recompute,      // forward work done again during the backward
  tensor_communication,    // exposed collectives of tensor parallelism
  pipeline_communication,  // exposed sends between stages
  data_communication,      // exposed gradient and weight collectives of data parallelism
  context_communication,   // exposed exchange of keys and values
  expert_communication,    // exposed all-to-all of mixtures of experts
  bubble,                  // stages that wait while the pipeline fills and drains
  stall,                   // waiting for data and checkpoints
};

constexpr std::array<std::string_view, 16> operation_class_names = {"gemm",
                                                                    "attention",
                                                                    "elementwise",
                                                                    "embedding",
                                                                    "loss",
                                                                    "optimizer",
                                                                    "communication",
                                                                    "other",
                                                                    "recompute",
                                                                    "tensor_communication",
                                                                    "pipeline_communication",
                                                                    "data_communication",
                                                                    "context_communication",
                                                                    "expert_communication",
                                                                    "bubble",
                                                                    "stall"};
constexpr size_t operation_class_count = operation_class_names.size();

}  // namespace heliu
