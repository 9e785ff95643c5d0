#include <algorithm>

#include "exchange/export.h"

namespace heliu::exchange {

int64_t checkpoint_steps(const Plan& plan) {
  const Forecast& f = plan.forecast;
  int64_t wanted = plan.workload.train.checkpoint_every;
  if (!f.checkpoint_interval || f.step_time.base() <= 0) return wanted;
  double steps = std::clamp(*f.checkpoint_interval / f.step_time, 1.0, 1e9);
  return int64_t(steps);
}

}  // namespace heliu::exchange
