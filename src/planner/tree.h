// The search of one island: its layouts as a tree, of which branches that cannot win are cut.
//
//   root (devices, precision, tp, cp, ep, expert_tp, sequence parallel)
//     trunk (pp, dp) - schedule (vpp, recompute, zero-bubble) - holding (sharding, offload)
//       micro-batch, from small to large
//
// Exact: what is cut can neither fit nor win, nor be on the front of time, cost and energy.
#pragma once

#include <cstdint>
#include <vector>

#include "planner/search.h"
#include "planner/shortlist.h"
#include "planner/space.h"

namespace heliu::planner {

// Leaves are layouts with a micro-batch; all but `misfits` are of whole numbers that divide.
struct Counts {
  int64_t candidates = 0;
  int64_t misfits = 0;    // cut by a rule of whole numbers
  int64_t too_large = 0;  // cut by memory
  int64_t bounded = 0;    // cut because they cannot win
  int64_t evaluated = 0;  // estimated
  Counts& operator+=(const Counts& other);
  bool operator==(const Counts&) const = default;
};

// What all layouts with one number of devices share.
struct Setting {
  cost::Machine machine;  // only the nodes that are used
  cost::Estimator estimator;
  Scoring scoring;
};

struct Quest {
  Workload workload;  // with a vocabulary
  cost::Task task;
  Space space;
  cost::Habits habits;
  std::vector<Setting> settings;  // one for each of space.devices, in order
  size_t keep = 8;
  bool prune = true;  // false: every layout that fits is estimated, to prove the bounds right

  const Setting& setting(int devices) const;
};

// `whole`: the island's machine. Devices of the space beyond the island's are left out.
Quest quest_for(const Workload& workload, const Center& center, const Island& island,
                const cost::Machine& whole, const cost::Habits& habits, Space space, size_t keep);

struct Findings {
  Shortlist list;
  Counts counts;
  std::vector<Rejection> rejected;
};

// On so many threads (0: one for each core); the findings are the same on any number.
Findings explore(const Quest& quest, int threads = 0);

// A candidate's estimate, with which it was scored.
cost::Estimate estimate(const Quest& quest, const Candidate& candidate);

cost::Task task_of(const Workload& workload);

}  // namespace heliu::planner
