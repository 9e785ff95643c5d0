#include "cost/correction.h"

#include <cmath>

namespace heliu::cost {

Known correction(const Coefficients& coefficients, OperationClass kind, Precision precision,
                 int ranks, int threads) {
  double same = 0, any = 0;
  int same_count = 0, any_count = 0;
  for (const Correction& one : coefficients.corrections) {
    if (one.kind != kind || one.runs < 1 || one.factor <= 0) continue;
    if (one.precision == precision && one.ranks == ranks && one.threads == threads)
      return {one.factor, one.runs};
    any += std::log(one.factor), ++any_count;
    if (one.precision == precision) same += std::log(one.factor), ++same_count;
  }
  if (same_count) return {std::exp(same / same_count), 0};
  if (any_count) return {std::exp(any / any_count), 0};
  return {};
}

double half_band(int runs, bool extrapolated) {
  return (0.08 + 0.17 / (1 + runs)) * (extrapolated ? 2 : 1);
}

}  // namespace heliu::cost
