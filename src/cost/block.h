// What one layer, and the two ends of the model, cost one rank for one micro-batch: the part of an
// estimate that does not depend on pipeline or data parallelism, so that a search works it out once
// for many plans.
#pragma once

#include "cost/habits.h"
#include "cost/machine.h"
#include "spec/plan.h"

namespace heliu::cost {

// What decides a block.
struct Split {
  int tp = 1, cp = 1, ep = 1, expert_tp = 1;
  int64_t micro_batch = 1;
  Precision precision = Precision::bf16;
  bool sequence_parallel = false;
  bool flash_attention = true;
};

// Seconds of one pass over one layer (or end), by what they go into. Communication is what is left
// after overlap within the pass.
struct Pass {
  double matmul = 0, attention = 0, elementwise = 0;
  double tensor = 0, context = 0, expert = 0;  // exposed communication
  double host = 0;                             // by which host code is later than the device
  double total() const {
    return matmul + attention + elementwise + tensor + context + expert + host;
  }
  void add(const Pass& one, double times = 1) {
    matmul += times * one.matmul;
    attention += times * one.attention;
    elementwise += times * one.elementwise;
    tensor += times * one.tensor;
    context += times * one.context;
    expert += times * one.expert;
    host += times * one.host;
  }
};

struct LayerCost {
  Pass forward, backward;
  double selective = 0;   // seconds of what selective recompute does again
  double operations = 0;  // of forward and backward, useful ones
  // Bytes kept for the backward of one micro-batch: all of it, with selective recompute, with full.
  double kept = 0, kept_selective = 0, kept_full = 0;
  double working = 0;  // bytes alive at most while it runs
  // Parameters of one rank: those that data-parallel ranks share, and those of routed experts.
  double shared_parameters = 0, expert_parameters = 0;
};

// Seconds of what a layer's backward computes once more, and bytes it keeps for that backward.
double recompute_time(const LayerCost& layer, const Habits& habits, Recompute recompute);
double kept_bytes(const LayerCost& layer, const Habits& habits, Recompute recompute);

struct EndCost {
  Pass forward, backward;
  double loss = 0;  // of both passes, seconds of cross-entropy beside the product
  double operations = 0, kept = 0, working = 0, parameters = 0;
};

struct Block {
  LayerCost dense, mixture;
  EndCost embedding, head;
  double message = 0;  // bytes from stage to stage
};

Block block(const Model& model, bool trains_all, const Machine& machine, const Habits& habits,
            const Split& split);

}  // namespace heliu::cost
