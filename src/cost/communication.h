// What the ranks of a plan say to each other in one step, and how long it takes.
#pragma once

#include "cost/collective_time.h"
#include "cost/kernel_time.h"
#include "cost/share.h"
#include "spec/plan.h"
#include "spec/pool.h"

namespace heliu::cost {

// Where the ranks of a plan sit: nodes are filled in the order of the rank numbers.
struct Seating {
  int ranks_per_node = 1;
  int nodes = 1;
};
Seating seat(const Island& island, const Plan& plan);

// Of one rank of the slowest stage.
struct Communication {
  Seconds gradients;  // of one step: their all-reduce over dp, and the tied embedding's over pp
  Seconds per_micro_batch;  // sums of tensor parallelism, messages between pipeline stages
  bool overlaps = false;    // the gradients travel while the processor goes on computing
  bool extrapolated = false;
};

// Fails where the plan spans nodes and the island names no bandwidth between them.
Result<Communication> communication(const Island& island, const Model& model, const Plan& plan,
                                    const KernelTimes& kernels, const CollectiveTimes& collectives);

// The part of `total` that is left after the backward: gradients become ready in `buckets` equal
// parts, the last of them only when the backward, of duration `backward`, has ended.
Seconds exposed(Seconds total, Seconds backward, int64_t buckets);

}  // namespace heliu::cost
