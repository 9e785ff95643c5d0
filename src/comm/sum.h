// Sums over ranks, formed in rank order, so that every rank gets the same bits.
#pragma once

#include <cstddef>
#include <span>

namespace heliu::comm {

// sum[i] = inputs[0][i] + inputs[1][i] + ..., from left to right. `sum` may be one of the inputs.
void sum_in_order(std::span<const float* const> inputs, size_t count, float* sum);
void sum_in_order(std::span<const double* const> inputs, size_t count, double* sum);

}  // namespace heliu::comm
