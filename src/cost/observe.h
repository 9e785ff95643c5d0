// A published measurement as something that can be forecast: what its row says, and what it leaves
// to be known from its names.
#pragma once

#include <string>

#include "cost/estimate.h"
#include "spec/evidence.h"

namespace heliu::cost {

struct Observation {
  std::string reason;  // why it cannot be forecast, or empty
  Task task;
  Layout layout;
  Cluster cluster;
  const Chip* chip = nullptr;
  std::string framework;
  bool in_int8 = false;  // of 8-bit precision on a chip that has it in integers only
  bool drops_tokens =
      false;  // experts have fixed shapes: no rank waits to learn its tokens' number
  bool hides_tensor = false;  // the row says that tensor-parallel exchange runs beside products
  bool runs_eagerly = false;  // ... and that kernels are not fused by a compiler
  bool recompute_is_open = false;  // not said: as few layers as fit are assumed
};

// Row to forecast; `catalog` must outlive it. Pure: what is guessed (heads' size, gates, latent
// attention of models whose rows cannot say so) comes from the model's name and parameter count,
// and docs/models/accuracy.md lists it.
Observation observe(const Measurement& row, const Catalog& catalog);

// Its estimate; `layout` may have its recompute settled.
struct Observed {
  Estimate estimate;
  Layout layout;
};
Observed forecast(const Observation& observation, const Calibration& calibration);

}  // namespace heliu::cost
