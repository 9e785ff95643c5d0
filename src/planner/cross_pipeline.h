// One pipeline over two islands: the first holds the first layers, the other the last, in uneven
// parts by dynamic programming; activations and their gradients cross between them.
#pragma once

#include <optional>

#include "planner/cluster_search.h"
#include "planner/wan.h"

namespace heliu::planner {

struct CrossPipeline {
  Plan plan;
  Seconds crossing;  // of its step: by which the way between is later than the slowest stage
};

// The best one with as many replicas on both islands, each with its own tensor-parallel degree and
// optimizer states shared by replicas (ZeRO-1). Nothing where none fits. Always marked as
// extrapolated: no such run was ever published.
std::optional<CrossPipeline> cross_pipeline(const Venue& first, const Venue& last, const Way& way);

}  // namespace heliu::planner
