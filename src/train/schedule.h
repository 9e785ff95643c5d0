// The learning rate over a run: a straight rise, then half a cosine down to a floor (Loshchilov and
// Hutter, arXiv 1608.03983, equation 5, with one cycle).
#pragma once

#include <cmath>
#include <cstdint>

namespace heliu::train {

struct Schedule {
  double peak = 1e-3;
  double floor = 1e-4;
  int64_t warm_up = 0;  // steps of the rise
  int64_t steps = 0;    // of the whole run, the rise included
};

// `step` counts from 0. The last step of the rise has the peak; from `steps` on it is the floor.
inline double learning_rate(const Schedule& schedule, int64_t step) {
  if (step < schedule.warm_up) return schedule.peak * double(step + 1) / double(schedule.warm_up);
  if (step >= schedule.steps) return schedule.floor;
  double progress = double(step - schedule.warm_up) / double(schedule.steps - schedule.warm_up);
  double height = (1 + std::cos(3.141592653589793 * progress)) / 2;
  return schedule.floor + (schedule.peak - schedule.floor) * height;
}

}  // namespace heliu::train
