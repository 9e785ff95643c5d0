// Which of two plans is better for a goal, and why.
#pragma once

#include <string>

#include "spec/plan.h"
#include "spec/pool.h"
#include "spec/workload.h"

namespace heliu::planner {

// What plans are ranked by, and what a person should know about it.
struct Ranking {
  Objective by = Objective::time;
  std::string note;
};

// The goal as far as forecasts here can serve it: without prices or energy counters it is time.
Ranking ranking_for(const Goal& goal, const Island& island);

// Strict order over plans with forecasts. Ties of the goal go to the shorter step, the smaller
// memory, fewer cores, then to the order of the degrees, so that it is always the same one that
// wins.
bool better(const Plan& a, const Plan& b, Objective by);

// One sentence on why `winner` comes before `next`, which may be null.
std::string reason_for(const Plan& winner, const Plan* next, Objective by);

}  // namespace heliu::planner
