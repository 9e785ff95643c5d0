// The fit of calibrated rates to published measurements.
//
// Least squares of log(forecast / measured), with large errors counting linearly (Huber), by the
// method of Levenberg and Marquardt on the logarithms of all numbers at once. Each is drawn towards
// what other chips or frameworks have, the more the fewer measurements speak for it; so a chip with
// three rows has numbers too, and one with none has those of its kind.
#pragma once

#include <vector>

#include "cost/observe.h"

namespace heliu::cost {

struct Sample {
  Observation observation;
  double step_time = 0;  // seconds, measured
  double weight = 1;
};

// Starts from `start`, which decides which chips, networks and frameworks have numbers of their
// own. Samples with a reason are left out.
// `losses`: what is minimized, before the first round and after each that made it less.
Calibration calibrate(const std::vector<Sample>& samples, Calibration start, int rounds = 20,
                      std::vector<double>* losses = nullptr);

// `standard` with an entry for every chip, network and framework of the samples.
Calibration prepared(const std::vector<Sample>& samples);

// Weights so that each group counts like the square root of its rows.
void balance(std::vector<Sample>& samples, const std::vector<std::string>& groups);

}  // namespace heliu::cost
