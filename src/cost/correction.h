// What earlier runs say about a promise: the factor to multiply it by, and how far to trust it.
#pragma once

#include "spec/coefficients.h"

namespace heliu::cost {

struct Known {
  double factor = 1;  // measured over promised
  int runs = 0;       // that this layout had; 0: the factor is that of others, or nobody's
};

// The correction of one class. A layout that never ran gets the geometric mean of the class's known
// factors (factors multiply, so that is their middle), first of those with its precision.
Known correction(const Coefficients& coefficients, OperationClass kind, Precision precision,
                 int ranks, int threads);

// Half the width of the band around a promise, as a share of it: 25 % for a layout that never ran,
// shrinking with each run towards 8 %; twice that where shapes were extrapolated.
double half_band(int runs, bool extrapolated);

}  // namespace heliu::cost
