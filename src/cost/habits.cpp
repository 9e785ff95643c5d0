#include "cost/habits.h"

namespace heliu::cost {

Habits habits(const std::string& framework, const Calibration& calibration) {
  Habits h;
  h.rates = calibration_of_framework(calibration, framework);
  if (framework == "megatron" || framework == "megatron-deepspeed") {
    h.fused_attention = false;
    h.dropout = true;
    h.reduced_bytes = h.gradient_bytes = framework == "megatron" ? 4 : 2;
    h.wide_gradient_bytes = framework == "megatron" ? 0 : 4;
    h.runtime_bytes = 8e9;
  } else if (framework == "fsdp" || framework == "torchtitan") {
    h.selects_products = framework == "torchtitan";
    h.selected_share = 0.38;
    h.logit_bytes = 12;
    h.weight_bytes = 4;
    h.gradient_bytes = 4;
    h.optimizer_bytes = 8;
    h.reduced_bytes = framework == "torchtitan" ? 4 : 2;
  } else if (framework == "internevo") {
    h.owners_broadcast = true;
    h.gradient_bytes = h.reduced_bytes = 2;
  } else {
    h.gradient_bytes = h.reduced_bytes = 2;
    h.narrow_weights = h.narrow_gates = framework == "mlperf";
  }
  return h;
}

}  // namespace heliu::cost
