// The kernel calls of one training step of one rank, counted from the model and the plan.
//
// Kernels are named and sized as in KernelTime (spec/record.h). Weights are stored [in, out], so
// that y = x W is "gemm", dx = dy W^T "gemm_nt" and dW = x^T dy "gemm_tn"; the head is tied to the
// token embedding E [vocabulary, hidden], so that logits = x E^T is "gemm_nt", dx = dlogits E
// "gemm" and dE = dlogits^T x "gemm_tn".
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "cost/share.h"
#include "spec/operation.h"
#include "spec/precision.h"

namespace heliu::cost {

struct Call {
  std::string_view kernel;
  OperationClass kind = OperationClass::other;
  int64_t m = 1, n = 1, k = 1;
  int64_t count = 1;  // calls of this shape
};

// Forward and backward of `sequences` sequences through one stage.
std::vector<Call> micro_batch_calls(const Model& model, const Stage& stage, int tp,
                                    int64_t sequences, Precision precision);

// The gradient norm and AdamW over `parameters` elements.
std::vector<Call> optimizer_calls(int64_t parameters);

// One step of a rank of the slowest stage: `accumulation` micro-batches, then the optimizer.
std::vector<Call> step_calls(const Model& model, const Plan& plan);

// Work of one such call: multiply-adds of a matrix product, elements of anything else, and for
// attention m n k (the causal half of two products forward; its backward does 2.5 times that).
double work(std::string_view kernel, int64_t m, int64_t n, int64_t k);

}  // namespace heliu::cost
