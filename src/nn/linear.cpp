#include "nn/linear.h"

namespace heliu::nn {
namespace {

using device::Gemm;
using device::Matrix;
using device::Type;

// The product with its output summed over the ranks, in f32 whatever the compute type.
void gemm_over_ranks(const Context& context, Gemm product) {
  if (!context.tensor_group) return context.device.gemm(product);
  Matrix y = product.c;
  bool converts = y.type != Type::f32;
  if (converts) product.c = context.scratch.partial;
  if (context.tensor_group->rank() != 0) product.bias = nullptr;
  context.device.gemm(product);
  context.device.wait();
  context.tensor_group->all_reduce({product.c.as<float>(), size_t(y.rows * y.columns)});
  if (converts) context.device.convert(product.c, y);
}

}  // namespace

void linear(const Context& context, const Linear& layer, Matrix x, Matrix y) {
  context.device.gemm({.a = x, .b = layer.weight, .c = y, .bias = layer.bias});
}

void linear_over_ranks(const Context& context, const Linear& layer, Matrix x, Matrix y) {
  gemm_over_ranks(context, {.a = x, .b = layer.weight, .c = y, .bias = layer.bias});
}

void linear_gradients(const Context& context, const Linear& layer, Matrix x, Matrix y_gradient) {
  context.device.gemm({.a = x,
                       .b = y_gradient,
                       .c = layer.weight_gradient,
                       .transpose_a = true,
                       .accumulate = true});
  context.device.bias_gradient({y_gradient, layer.bias_gradient});
}

void linear_backward(const Context& context, const Linear& layer, Matrix y_gradient,
                     Matrix x_gradient) {
  context.device.gemm({.a = y_gradient, .b = layer.weight, .c = x_gradient, .transpose_b = true});
}

void linear_backward_over_ranks(const Context& context, const Linear& layer, Matrix y_gradient,
                                Matrix x_gradient) {
  gemm_over_ranks(context,
                  {.a = y_gradient, .b = layer.weight, .c = x_gradient, .transpose_b = true});
}

}  // namespace heliu::nn
