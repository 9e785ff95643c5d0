#include "nn/head.h"

#include <algorithm>

namespace heliu::nn {
namespace {

using device::Matrix;
using device::Type;

// Rows [first, first + count): logits, loss and, if asked, the gradients through the tied matrix.
void loss_of_rows(const Context& context, const Head& head, const HeadActivations& activations,
                  int64_t first, int64_t count, const LossOptions& options) {
  device::Device& device = context.device;
  Matrix y = device::rows(activations.norm.y, first, count);
  Matrix logits = device::rows(activations.logits, 0, count);
  device.gemm({.a = y, .b = head.tokens, .c = logits, .transpose_b = true});
  device.cross_entropy({.logits = logits,
                        .targets = activations.targets + first,
                        .loss = activations.loss + first,
                        .gradient = options.gradient,
                        .scale = options.scale});
  if (!options.gradient) return;
  // From here on logits are their own gradient.
  device.gemm(
      {.a = logits, .b = y, .c = head.tokens_gradient, .transpose_a = true, .accumulate = true});
  device.gemm({.a = logits,
               .b = head.tokens,
               .c = device::rows(context.scratch.norm_gradient, first, count)});
}

}  // namespace

void head_loss(const Context& context, const Head& head, const HeadActivations& activations,
               const Stream& stream, const LossOptions& options) {
  normalise(context, head.norm, stream, activations.norm);
  int64_t rows = activations.norm.y.rows;
  for (int64_t first = 0; first < rows; first += activations.logits.rows)
    loss_of_rows(context, head, activations, first, std::min(activations.logits.rows, rows - first),
                 options);
  if (!options.gradient) return;
  Matrix x_gradient = context.scratch.x_gradient;
  context.device.zero(x_gradient.data,
                      size_t(x_gradient.rows * x_gradient.columns) * sizeof(float));
  normalise_backward(context, head.norm, activations.norm);
}

void head_last_logits(const Context& context, const Head& head, const HeadActivations& activations,
                      const Stream& stream) {
  normalise(context, head.norm, stream, activations.norm);
  Matrix last = device::rows(activations.norm.y, activations.norm.y.rows - 1, 1);
  Matrix logits = device::matrix(activations.last_logits, Type::f32, 1, activations.logits.columns);
  context.device.gemm({.a = last, .b = head.tokens, .c = logits, .transpose_b = true});
}

}  // namespace heliu::nn
