// What records teach the predictor.
#pragma once

#include "spec/coefficients.h"
#include "spec/plan.h"
#include "spec/record.h"

namespace heliu::cost {

// The coefficients after one more job of `plan`, with its records in the order they came.
//
// A bench job replaces the tables of the kernels and collectives it measured, layout by layout. A
// finished training run moves, for its layout, each class's correction towards what was measured,
// by all of the error on the first run and by half of it (in logarithms) on later ones: first all
// that is known is this run; then a run's noise is as large as the error that is left, and a half
// keeps only a third of the noise's variance. Factors stay within [0.2, 5]. What the records do not
// say stays as it was. Pure, like the forecast.
Coefficients fit(Coefficients current, const Plan& plan, const std::vector<Record>& records);

}  // namespace heliu::cost
