// Time of a matrix product on an accelerator, by its shape.
#pragma once

#include "cost/machine.h"

namespace heliu::cost {

// C[m,n] = A[m,k] B[k,n], `count` of them side by side (grouped or batched).
struct Product {
  double m = 0, n = 0, k = 0, count = 1;
  double operations() const { return 2 * m * n * k * count; }
};

// Seconds. A result smaller than what fills the chip leaves units idle, with a soft knee where its
// tiles fill a whole number of waves only in part; each tile spends `depth` steps of its sum to
// fill and drain; and no product beats the memory that feeds it (the roofline: Williams et al.,
// CACM 52(4), 2009). Groups run side by side, their rows rounded up to tiles.
double matmul_time(const Machine& machine, const Product& product, Precision precision);

}  // namespace heliu::cost
