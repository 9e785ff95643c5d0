// The first values of a model's parameters.
#pragma once

#include <span>

#include "nn/parameters.h"

namespace heliu::nn {

// Writes this rank's part of one tensor to `values` (host memory, parameter.count elements):
// normal(0, 0.02) matrices, those that write into the residual stream scaled by 1 / sqrt(2 layers)
// (Radford et al., 2019, section 2.3); zero biases; unit gains.
void initialise(const Parameter& parameter, const Share& share, int64_t layers, uint64_t seed,
                std::span<float> values);

}  // namespace heliu::nn
