// The way between two islands: through their center's network, or over the links between centers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "spec/pool.h"

namespace heliu::planner {

struct Way {
  Bandwidth bandwidth;  // of all traffic between them, one direction
  Seconds latency;
  bool crosses_centers = false;
};

// "center/island" each. Over links between centers the widest way counts: its narrowest link, and
// the sum of its latencies. Nothing where no links join the centers.
std::optional<Way> way_between(const Pool& pool, const std::string& a, const std::string& b);

// Seconds to sum `payload` over all of these islands, in a ring of the given order.
std::optional<Seconds> ring_sum(const Pool& pool, const std::vector<std::string>& places,
                                Bytes payload);

}  // namespace heliu::planner
