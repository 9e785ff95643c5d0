// How much of a long job's time is useful when nodes fail: checkpoints cost time, and after each
// failure the work since the last one is done again.
#pragma once

#include "cost/machine.h"
#include "spec/model.h"
#include "spec/pool.h"

namespace heliu::cost {

struct Goodput {
  double share = 1;               // useful time over all time
  Seconds interval;               // of useful work between checkpoints, the best one
  Seconds checkpoint;             // to write one
  Seconds time_between_failures;  // of the whole job
};

// The optimal interval of Daly's higher-order estimate (Future Generation Computer Systems 22(3),
// 2006, DOI 10.1016/j.future.2004.11.016; its first order is Young's, CACM 17(9), 1974, DOI
// 10.1145/361147.361115), and the expected useful share with it: failures are memoryless and may
// strike at any time, while a checkpoint is written too.
// `recovery`: from a failure until work goes on, detection included.
Goodput goodput(Seconds time_between_failures, Seconds checkpoint, Seconds recovery);

// Bytes of a checkpoint: 16-bit weights, their fp32 masters and both moments.
Bytes checkpoint_bytes(const Model& model);

// Of a model on `nodes` nodes that fail as `failures` says; share 1 where that is not known. Every
// node writes its part at the same time.
Goodput goodput(const Failures& failures, const Model& model, int nodes);

}  // namespace heliu::cost
