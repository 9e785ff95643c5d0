// The ways to split a workload over an island that pass the cheap tests: whole numbers only, no
// forecast.
#pragma once

#include <functional>

#include "planner/rejections.h"
#include "planner/search.h"

namespace heliu::planner {

struct Split {
  Parallel parallel;
  int threads = 1;
  Precision precision = Precision::fp32;
  int64_t micro_batch = 1;
  int64_t accumulation = 1;
};

// Sees each split, micro-batches from small to large; false skips the larger ones, which it has
// counted as rejected itself, `larger` of them.
using Visit = std::function<bool(const Split&, int64_t larger)>;

// Every split of `workload` over the nodes of `island` that a program with these abilities can run,
// and in `rejections` why others cannot. Threads per rank divide the node's cores, and the ranks of
// one tensor-parallel group share a node, unless the workload says otherwise.
void each_split(const Island& island, const Workload& workload, const Abilities& abilities,
                Rejections& rejections, const Visit& visit);

}  // namespace heliu::planner
