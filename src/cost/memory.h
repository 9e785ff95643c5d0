// Memory of one rank, part by part, counted from the model and the plan.
//
// The parts are those the program allocates, byte for byte, up to the rounding of each buffer to
// 64 bytes. docs/models/forecast.md has the formula.
#pragma once

#include "cost/share.h"
#include "spec/plan.h"

namespace heliu::cost {

// Activations of one stage with `in_flight` micro-batches between forward and backward: what each
// keeps, times their number, and the scratch that all share.
Bytes activations(const Model& model, const Stage& stage, int tp, int64_t micro_batch,
                  Precision precision, int64_t in_flight = 1);

// What a group of `ranks` processes on one host moves its sums through, as far as an all-reduce
// touches it: eight slots of 256 KiB for each rank, and their bookkeeping. None for a rank alone.
Bytes collective_buffers(int ranks);

// The rank of pipeline stage `index`. `runtime` is the program before it holds a model.
MemoryParts memory_of_stage(const Model& model, const Plan& plan, int index, Bytes runtime);

// The rank that needs most.
MemoryParts memory(const Model& model, const Plan& plan, Bytes runtime);

}  // namespace heliu::cost
