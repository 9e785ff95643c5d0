// What a training framework does by custom, beside what its calibration measured: which numbers it
// keeps, what it overlaps, what its "selective" means.
#pragma once

#include <string>

#include "spec/calibration.h"

namespace heliu::cost {

struct Habits {
  FrameworkCalibration rates;
  double weight_bytes = 2;         // of a parameter as products read it
  bool narrow_weights = false;     // 1 byte of it where products are in 8 bits
  bool narrow_gates = false;       // and what the feed-forward's gate keeps is in 8 bits too
  double wide_gradient_bytes = 0;  // more of a gradient where training is in bf16: sums in fp32
  double logit_bytes = 8;          // of a logit: itself, its softmax, its gradient
  double selected_share = 0.5;  // of activations that "selective" keeps, where it selects products
  double gradient_bytes = 4;    // of a parameter, in its buffer
  double reduced_bytes = 4;     // of a parameter, as data-parallel ranks exchange it
  double optimizer_bytes = 12;  // of a parameter: master copy and both moments
  bool fused_attention = true;  // scores are never stored, where the plan leaves it open
  bool dropout = false;
  bool selects_products = false;  // "selective" runs every second product again, not attention
  bool owners_broadcast = false;  // zero1: each rank sends its updated share by itself
  double runtime_bytes = 6e9;     // of a rank: context, communication buffers, libraries
  double fragmentation = 1.03;    // reserved over allocated
};

// By name: "megatron", "megatron-deepspeed", "nemo", "fsdp" (LLM Foundry), "torchtitan",
// "internevo", "mlperf"; any other name has the habits of "nemo".
Habits habits(const std::string& framework, const Calibration& calibration);

}  // namespace heliu::cost
