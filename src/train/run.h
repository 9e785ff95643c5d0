// The step loop: trains what a plan says, as one of its ranks.
#pragma once

#include <functional>

#include "base/error.h"
#include "spec/plan.h"
#include "train/reporter.h"
#include "train/seat.h"

namespace heliu::train {

enum class Ending { finished, stopped };

// Resumes from the newest checkpoint below seat.directory where there is one. Between steps, ends
// with a checkpoint when `stop` says so on any rank. Says what happens through `reporter`; only
// rank 0 speaks of steps. Throws CommError, DeviceError; a plan or text that cannot be run is an
// Error.
Result<Ending> run(const Plan& plan, const Seat& seat, Reporter& reporter,
                   const std::function<bool()>& stop);

// Fills in what the data decides: the vocabulary. Also refuses data that cannot be trained on.
Result<Workload> complete(Workload workload);

}  // namespace heliu::train
