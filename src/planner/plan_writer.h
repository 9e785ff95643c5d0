// A candidate as the plan document that people and programs read.
#pragma once

#include "planner/tree.h"
#include "spec/calibration.h"
#include "spec/catalog.h"
#include "spec/plan.h"

namespace heliu::planner {

// Where a candidate would run, and under whose habits.
struct Site {
  const Center* center = nullptr;
  const Island* island = nullptr;
  std::string place;      // "center/island"
  std::string framework;  // whose habits
  double band = 0.25;     // half the width of the forecast's band, as a share of the step
  bool extrapolated = false;
};

// The band of a forecast step, so that nine of ten would have been inside: 2.5 times
// Calibration.error, the mean error on rows that a fit had not seen. For production runs nine of
// ten were within 2.5 of their mean: 15.7 % against 6.3 % (docs/models/accuracy.md, "production
// runs together"). That is of runs on chips, networks and frameworks that were fitted; for each of
// the three that was not, half as much is added, by judgement: there is nothing to measure it with.
// A calibration that does not state its error counts as one of 10 %.
Site site_of(const Center& center, const Island& island, const std::string& framework,
             const Catalog& catalog, const Calibration& calibration);

Plan plan_of(const Quest& quest, const Candidate& candidate, const Site& site);

// The layout that a plan describes.
cost::Layout layout_of(const Plan& plan);

}  // namespace heliu::planner
