#include "device/reference/element.h"
#include "device/reference/reference.h"

namespace heliu::device::reference {

void gemm(const Gemm& op) {
  int64_t inner = op.transpose_a ? op.a.rows : op.a.columns;
  for (int64_t i = 0; i < op.c.rows; ++i) {
    for (int64_t j = 0; j < op.c.columns; ++j) {
      double sum = op.accumulate ? get(op.c, i, j) : 0;
      for (int64_t p = 0; p < inner; ++p) {
        double a = op.transpose_a ? get(op.a, p, i) : get(op.a, i, p);
        sum += a * (op.transpose_b ? get(op.b, j, p) : get(op.b, p, j));
      }
      put(op.c, i, j, op.bias ? sum + op.bias[j] : sum);
    }
  }
}

void bias_gradient(const BiasGradient& op) {
  for (int64_t j = 0; j < op.y.columns; ++j) {
    double sum = op.gradient[j];
    for (int64_t r = 0; r < op.y.rows; ++r) sum += get(op.y, r, j);
    op.gradient[j] = float(sum);
  }
}

}  // namespace heliu::device::reference
