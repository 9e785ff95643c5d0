// Linear layers, whole or cut over the ranks of a tensor-parallel group.
#pragma once

#include "nn/layer.h"

namespace heliu::nn {

// y = x weight + bias: a whole layer, or this rank's columns of it.
void linear(const Context& context, const Linear& layer, device::Matrix x, device::Matrix y);

// Row parallel: y = sum over ranks of x weight, plus the bias once; the same y on every rank.
void linear_over_ranks(const Context& context, const Linear& layer, device::Matrix x,
                       device::Matrix y);

// Adds x^T y_gradient and the column sums of y_gradient to the layer's gradients.
void linear_gradients(const Context& context, const Linear& layer, device::Matrix x,
                      device::Matrix y_gradient);

// x_gradient = y_gradient weight^T.
void linear_backward(const Context& context, const Linear& layer, device::Matrix y_gradient,
                     device::Matrix x_gradient);

// Column parallel: the same, summed over the ranks.
void linear_backward_over_ranks(const Context& context, const Linear& layer,
                                device::Matrix y_gradient, device::Matrix x_gradient);

}  // namespace heliu::nn
