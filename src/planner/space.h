// The layouts that a search looks at: the values that each dimension may take.
//
// The global batch is what the workload says in every one of them, so that all train the same
// thing: dp x micro_batch x micro_batches is always the batch.
#pragma once

#include <vector>

#include "cost/estimate.h"
#include "spec/workload.h"

namespace heliu::planner {

// An empty list leaves its dimension to divisibility alone.
struct Space {
  std::vector<int> devices;  // how many of the island's work together
  std::vector<Precision> precision;
  std::vector<int> tp, cp, ep, expert_tp, pp, vpp, dp;
  std::vector<int64_t> micro_batch;
  std::vector<Sharding> sharding;
  std::vector<int> sharding_group;  // 0: all ranks share; -1: those of one domain, or of one node
  std::vector<Recompute> recompute;
  std::vector<bool> sequence_parallel, zero_bubble, offload, flash_attention;
};

// Every dimension open, but for what the workload wishes. Left out unless wished for, because they
// ask for more than a layout: precisions below 16 bits (they change what is learned), zero-bubble
// schedules (few frameworks have one), context-parallel ranks with fewer than 512 tokens.
// Devices: all of them, and the largest 2^k and 3 x 2^k nodes; all such numbers where the goal is
// not time, or has a limit of money or energy.
Space space_for(const Workload& workload, const cost::Machine& machine, const cost::Habits& habits);

// What a sub-tree of the search has in common: everything that a block depends on but the
// micro-batch.
struct Root {
  int devices = 1;
  Precision precision = Precision::bf16;
  bool flash_attention = true;
  int tp = 1, cp = 1, ep = 1, expert_tp = 1;
  bool sequence_parallel = false;
};
std::vector<Root> roots_of(const Space& space, const Model& model);

// Below a root: stages and replicas whose product is devices / (tp cp). Replicas divide the batch.
struct Trunk {
  int pp = 1, dp = 1;
};
std::vector<Trunk> trunks_of(const Space& space, const Model& model, const Root& root,
                             int64_t global_batch);
std::vector<int64_t> micro_batches_of(const Space& space, int64_t global_batch, int dp);

// How a pipeline is run, and how state is held.
struct Schedule {
  int vpp = 1;
  bool zero_bubble = false;
  Recompute recompute = Recompute::none;
};
std::vector<Schedule> schedules_of(const Space& space, const Model& model, int pp);

struct Holding {
  Sharding sharding = Sharding::none;
  int group = 0;
  bool offload = false;
};
std::vector<Holding> holdings_of(const Space& space, const Root& root, int dp,
                                 const cost::Machine& machine);

// All together.
cost::Layout layout_of(const Root& root, const Trunk& trunk, const Schedule& schedule,
                       const Holding& holding, int64_t global_batch, int64_t micro_batch);

std::vector<int> divisors(int64_t number);  // in order

}  // namespace heliu::planner
