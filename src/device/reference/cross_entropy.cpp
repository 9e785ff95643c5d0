#include <algorithm>
#include <cmath>

#include "device/reference/element.h"
#include "device/reference/reference.h"

namespace heliu::device::reference {
namespace {

double log_sum_exp(const Matrix& logits, int64_t r) {
  double top = get(logits, r, 0);
  for (int64_t j = 1; j < logits.columns; ++j) top = std::max(top, double(get(logits, r, j)));
  double sum = 0;
  for (int64_t j = 0; j < logits.columns; ++j) sum += std::exp(get(logits, r, j) - top);
  return top + std::log(sum);
}

}  // namespace

void cross_entropy(const CrossEntropy& op) {
  for (int64_t r = 0; r < op.logits.rows; ++r) {
    int64_t target = op.targets[r];
    double normaliser = log_sum_exp(op.logits, r);
    op.loss[r] = float(normaliser - get(op.logits, r, target));
    if (!op.gradient) continue;
    for (int64_t j = 0; j < op.logits.columns; ++j) {
      double probability = std::exp(get(op.logits, r, j) - normaliser);
      put(op.logits, r, j, op.scale * (probability - (j == target ? 1 : 0)));
    }
  }
}

}  // namespace heliu::device::reference
