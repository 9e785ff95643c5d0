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

// The band as narrow as what calibration knows of chip, network and framework allows: 8 % where
// all three were fitted, 8 % more for each that was not.
Site site_of(const Center& center, const Island& island, const std::string& framework,
             const Catalog& catalog, const Calibration& calibration);

Plan plan_of(const Quest& quest, const Candidate& candidate, const Site& site);

// The layout that a plan describes.
cost::Layout layout_of(const Plan& plan);

}  // namespace heliu::planner
