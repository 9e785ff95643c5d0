// Measures what a training step is made of: every kernel over transformer-like shapes, and the
// collectives between ranks. The work of a `bench` workload.
#pragma once

#include <functional>

#include "base/error.h"
#include "spec/plan.h"
#include "train/reporter.h"
#include "train/run.h"
#include "train/seat.h"

namespace heliu::train {

// All ranks measure the same kernel at the same time, as they would in training; rank 0 reports,
// with the plan's ranks and threads on every record.
Result<Ending> measure(const Plan& plan, const Seat& seat, Reporter& reporter,
                       const std::function<bool()>& stop);

}  // namespace heliu::train
