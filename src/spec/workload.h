// A workload: what is wanted. People write it once, in YAML; it names no place and no plan.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "spec/model.h"
#include "spec/precision.h"

namespace heliu {

enum class WorkloadKind { train, bench };
enum class Tokenizer { character };
enum class Optimizer { adamw };
enum class PrecisionWish { automatic, fp32, bf16 };
enum class Objective { time, cost, energy };

struct Data {
  std::vector<std::string> text;  // UTF-8 files; relative paths start at the workload's folder
  Tokenizer tokenizer = Tokenizer::character;
};

struct Train {
  int64_t steps = 0;
  int64_t global_batch = 0;  // sequences per optimizer step, over all ranks
  Optimizer optimizer = Optimizer::adamw;
  double learning_rate = 1e-3;  // peak
  double final_learning_rate = 1e-4;
  int64_t warmup_steps = 0;
  double weight_decay = 0.1;
  double beta1 = 0.9;
  double beta2 = 0.95;
  double clip_norm = 1.0;  // global gradient norm; 0: no clipping
  PrecisionWish precision = PrecisionWish::automatic;
  int64_t seed = 1;
  int64_t checkpoint_every = 50;  // steps
  int64_t sample = 0;             // characters of text to generate at the end
};

// Bounds on the parallel plan; unset ones are the planner's to choose.
struct ParallelWish {
  std::optional<int> dp, tp, pp, threads;
  std::optional<int64_t> micro_batch;
};

struct Bench {
  Seconds duration = Seconds::of(4);  // roughly, for one layout of ranks and threads
};

struct Goal {
  Objective minimize = Objective::time;
  std::optional<Seconds> deadline;
  std::optional<Yuan> budget;
};

struct Workload {
  std::string name;
  WorkloadKind kind = WorkloadKind::train;
  Model model;
  Data data;
  Train train;
  ParallelWish parallel;
  Bench bench;
  Goal goal;
};

// The same text for equal workloads: what decides whether a stopped job is "the same".
std::string fingerprint(const Workload& workload);

}  // namespace heliu
