// The truth that every other backend is tested against: plain loops over the formulas of
// operations.h, sums in double, nothing blocked, fused or threaded.
#pragma once

#include <memory>

#include "device/device.h"

namespace heliu::device::reference {

std::unique_ptr<Device> open();

void convert(const Matrix& from, const Matrix& to);
void add(const Matrix& to, const Matrix& from);
double sum_of_squares(const float* x, int64_t count);
void gemm(const Gemm& op);
void bias_gradient(const BiasGradient& op);
void embedding(const Embedding& op);
void embedding_backward(const EmbeddingBackward& op);
void layer_norm(const LayerNorm& op);
void layer_norm_backward(const LayerNormBackward& op);
void gelu(const Gelu& op);
void gelu_backward(const GeluBackward& op);
void attention(const Attention& op);
void attention_backward(const AttentionBackward& op);
void cross_entropy(const CrossEntropy& op);
void adamw(const AdamW& op);

}  // namespace heliu::device::reference
