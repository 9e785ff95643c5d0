#include "nn/layer.h"

#include "nn/linear.h"

namespace heliu::nn {
namespace {

using device::Matrix;

// The stream's gradient in the compute type, as the products want it.
Matrix branch_gradient(const Context& context) {
  const Scratch& scratch = context.scratch;
  if (scratch.branch.type == scratch.x_gradient.type) return scratch.x_gradient;
  context.device.convert(scratch.x_gradient, scratch.branch);
  return scratch.branch;
}

}  // namespace

void normalise(const Context& context, const Norm& norm, const Stream& stream,
               const NormActivations& activations) {
  context.device.layer_norm({.x = stream.x,
                             .add = stream.branch,
                             .y = activations.y,
                             .gain = norm.gain,
                             .bias = norm.bias,
                             .mean = activations.mean,
                             .rstd = activations.rstd,
                             .sum = stream.branch.data ? activations.x : Matrix{}});
}

void normalise_backward(const Context& context, const Norm& norm,
                        const NormActivations& activations) {
  context.device.layer_norm_backward({.y_gradient = context.scratch.norm_gradient,
                                      .x = activations.x,
                                      .gain = norm.gain,
                                      .mean = activations.mean,
                                      .rstd = activations.rstd,
                                      .x_gradient = context.scratch.x_gradient,
                                      .gain_gradient = norm.gain_gradient,
                                      .bias_gradient = norm.bias_gradient});
}

Stream attention_forward(const Context& context, const Block& block,
                         const BlockActivations& activations, const Stream& stream) {
  normalise(context, block.attention_norm, stream, activations.attention_norm);
  linear(context, block.qkv, activations.attention_norm.y, activations.qkv);
  context.device.attention({activations.qkv, activations.context, activations.log_sum_exp,
                            context.heads, context.sequence});
  linear_over_ranks(context, block.projection, activations.context, context.scratch.branch);
  return {activations.attention_norm.x, context.scratch.branch};
}

Stream feed_forward_forward(const Context& context, const Block& block,
                            const BlockActivations& activations, const Stream& stream) {
  normalise(context, block.feed_forward_norm, stream, activations.feed_forward_norm);
  linear(context, block.expand, activations.feed_forward_norm.y, activations.expanded);
  context.device.gelu({activations.expanded, activations.activated});
  linear_over_ranks(context, block.contract, activations.activated, context.scratch.branch);
  return {activations.feed_forward_norm.x, context.scratch.branch};
}

void attention_backward(const Context& context, const Block& block,
                        const BlockActivations& activations) {
  const Scratch& scratch = context.scratch;
  Matrix gradient = branch_gradient(context);
  linear_gradients(context, block.projection, activations.context, gradient);
  linear_backward(context, block.projection, gradient, scratch.context_gradient);
  context.device.attention_backward({activations.qkv, activations.context, scratch.context_gradient,
                                     activations.log_sum_exp, scratch.qkv_gradient, context.heads,
                                     context.sequence});
  linear_gradients(context, block.qkv, activations.attention_norm.y, scratch.qkv_gradient);
  linear_backward_over_ranks(context, block.qkv, scratch.qkv_gradient, scratch.norm_gradient);
  normalise_backward(context, block.attention_norm, activations.attention_norm);
}

void feed_forward_backward(const Context& context, const Block& block,
                           const BlockActivations& activations) {
  const Scratch& scratch = context.scratch;
  Matrix gradient = branch_gradient(context);
  linear_gradients(context, block.contract, activations.activated, gradient);
  linear_backward(context, block.contract, gradient, scratch.expanded_gradient);
  context.device.gelu_backward(
      {activations.expanded, scratch.expanded_gradient, scratch.expanded_gradient});
  linear_gradients(context, block.expand, activations.feed_forward_norm.y,
                   scratch.expanded_gradient);
  linear_backward_over_ranks(context, block.expand, scratch.expanded_gradient,
                             scratch.norm_gradient);
  normalise_backward(context, block.feed_forward_norm, activations.feed_forward_norm);
}

}  // namespace heliu::nn
