// Time of a matrix product on an accelerator, by its shape.
#pragma once

#include "cost/machine.h"

namespace heliu::cost {

// C[m,n] = A[m,k] B[k,n], `count` of them side by side (grouped or batched).
struct Product {
  double m = 0, n = 0, k = 0, count = 1;
  double operations() const { return 2 * m * n * k * count; }
};

// Seconds. Edges of tiles cost as if the product were `tile` larger in m and n, which also stands
// for the last, unfilled wave of tiles on average; no product beats the memory that feeds it (the
// roofline: Williams et al., CACM 52(4), 2009).
double matmul_time(const Machine& machine, const Product& product, Precision precision);

}  // namespace heliu::cost
