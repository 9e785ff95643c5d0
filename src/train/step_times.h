// The times of a run's steps, and what of them is worth telling.
#pragma once

#include <vector>

#include "device/metered.h"
#include "spec/plan.h"

namespace heliu::train {

class StepTimes {
 public:
  // Time of one step; its parts by class, of which `other` is what is left.
  void add(double seconds, device::Meter parts);

  // Median, without the first steps, in which primitives are made and pages are touched.
  Seconds median() const;
  // Means by class over the steps near the median, scaled to sum to it.
  std::vector<ClassTime> breakdown() const;
  bool empty() const { return steps_.empty(); }

 private:
  struct Step {
    double seconds;
    device::Meter parts;
  };
  std::vector<Step> settled() const;

  std::vector<Step> steps_;
};

}  // namespace heliu::train
