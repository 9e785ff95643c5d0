#include "cost/goodput.h"

#include <algorithm>
#include <cmath>

namespace heliu::cost {

Goodput goodput(Seconds time_between_failures, Seconds checkpoint, Seconds recovery) {
  double m = time_between_failures.base(), d = std::max(checkpoint.base(), 1e-3);
  double x = d / (2 * m);
  double interval = x < 1 ? std::sqrt(2 * d * m) * (1 + std::sqrt(x) / 3 + x / 9) - d : m;
  double wall = m * std::exp(recovery.base() / m) * std::expm1((interval + d) / m);
  return {interval / wall, Seconds::of(interval), checkpoint, time_between_failures};
}

Bytes checkpoint_bytes(const Model& model) {
  return Bytes::of(14.0 * double(parameter_count(model)));
}

Goodput goodput(const Failures& failures, const Model& model, int nodes) {
  Goodput g;
  if (!failures.node_mtbf || failures.node_mtbf->base() <= 0 || nodes < 1) return g;
  Seconds write = checkpoint_bytes(model) / (double(nodes) * failures.checkpoint_bandwidth);
  return goodput(*failures.node_mtbf / double(nodes), write, failures.detection + failures.restart);
}

}  // namespace heliu::cost
