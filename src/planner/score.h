// What a layout is worth: the time, money and energy of the whole job.
#pragma once

#include <optional>

#include "cost/energy.h"
#include "cost/estimate.h"
#include "cost/goodput.h"
#include "spec/pool.h"
#include "spec/workload.h"

namespace heliu::planner {

// 0 where a price or a power is not known, alike for all plans of an island.
struct Score {
  double time = 0;    // seconds
  double cost = 0;    // yuan
  double energy = 0;  // joules
  bool operator==(const Score&) const = default;
};

// No part greater, one of them less.
bool dominates(const Score& a, const Score& b);
double part(const Score& score, Objective objective);

// For one number of devices of one island.
class Scoring {
 public:
  Scoring(const Workload& workload, const Center& center, const Island& island,
          const cost::Machine& machine, int devices);

  Score of(const cost::Estimate& estimate) const;
  // Of any layout with such a step at least.
  Score at_least(double step, double computing) const;

  bool has_price() const { return price_ > HourlyPrice{}; }
  bool has_power() const { return power_.is_known(); }
  const cost::Goodput& goodput() const { return goodput_; }

 private:
  Score score(double step, Joules energy) const;

  int devices_;
  double steps_;
  HourlyPrice price_;
  cost::Power power_;
  cost::Goodput goodput_;
};

// Which limits of a goal a score breaks: null where none.
const char* broken_limit(const Goal& goal, const Score& score);

}  // namespace heliu::planner
