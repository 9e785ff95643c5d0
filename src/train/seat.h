// A rank's seat in its job: which of the ranks it is, with whom it shares what.
#pragma once

#include <string>

#include "spec/plan.h"

namespace heliu::train {

struct Seat {
  std::string job;
  std::string directory;  // the job's: checkpoints are below it
  int rank = 0;
};

// Places along the three parallel dimensions (spec/plan.h gives the order).
struct Coordinates {
  int dp = 0, tp = 0, pp = 0;
};

constexpr Coordinates coordinates(const Parallel& parallel, int rank) {
  return {rank / parallel.tp % parallel.dp, rank % parallel.tp, rank / parallel.tp / parallel.dp};
}

}  // namespace heliu::train
