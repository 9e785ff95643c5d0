// The forecast of a plan: what a step will take, of what, in how much memory, at what price.
//
// Pure: the same documents give the same bytes. docs/models/forecast.md derives every formula.
#pragma once

#include "cost/collective_time.h"
#include "cost/communication.h"
#include "cost/kernel_time.h"
#include "spec/coefficients.h"
#include "spec/plan.h"
#include "spec/pool.h"
#include "spec/workload.h"

namespace heliu::cost {

// Forecasts many plans for one island. Both documents must outlive it; one object, one thread.
class Forecaster {
 public:
  Forecaster(const Island& island, const Coefficients& coefficients);

  // `plan` needs all but its workload and forecast; workload.model.vocabulary must be filled in.
  // bad_input: the workload is not training, or the plan does not divide it; environment: nothing
  // was measured on this island yet; infeasible: nodes without a fabric between them.
  Result<Forecast> forecast(const Workload& workload, const Plan& plan) const;

 private:
  struct Times;
  Result<Times> step(const Workload& workload, const Plan& plan) const;
  Result<Times> kernels(const Workload& workload, const Plan& plan, KernelLayout layout) const;

  const Island& island_;
  const Coefficients& coefficients_;
  KernelTimes kernels_;
  CollectiveTimes collectives_;
};

// One plan alone.
Result<Forecast> forecast(const Island& island, const Workload& workload, const Plan& plan,
                          const Coefficients& coefficients);

// What the job pays for the island: its devices, or where there are none the cores of the ranks,
// for `time`. Nothing where the island has no price.
std::optional<Yuan> hire(const Island& island, const Plan& plan, Seconds time);

}  // namespace heliu::cost
