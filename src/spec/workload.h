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

enum class WorkloadKind { train, bench, finetune, serve };
enum class Tokenizer { character };
enum class Optimizer { adamw };
enum class PrecisionWish { automatic, fp32, bf16, tf32, fp16, fp8, mxfp8, nvfp4 };
enum class Objective { time, cost, energy };

// What data-parallel ranks share instead of each holding it whole: nothing, the optimizer's state,
// gradients too, weights too (ZeRO, arXiv 1910.02054; zero3 is FSDP's full sharding).
enum class Sharding { none, zero1, zero2, zero3 };

// What the backward computes again instead of keeping it: nothing, the attention core, whole layers
// (Korthikanti et al., arXiv 2205.05198).
enum class Recompute { none, selective, full };

struct Data {
  std::vector<std::string> text;  // UTF-8 files; relative paths start at the workload's folder
  Tokenizer tokenizer = Tokenizer::character;
};

struct Train {
  int64_t steps = 0;
  double tokens = 0;             // instead of steps: how many tokens to train on
  bool compute_optimal = false;  // instead of both: 20 tokens a parameter (arXiv 2203.15556)
  int64_t global_batch = 0;      // sequences per optimizer step, over all ranks
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
  std::optional<int> cp, ep, expert_tp, vpp, devices;
  std::optional<Sharding> sharding;
  std::optional<int> sharding_group;
  std::optional<Recompute> recompute;
  std::optional<bool> sequence_parallel, zero_bubble, offload, flash_attention;
};

// How a checkpoint is fine-tuned.
struct Finetune {
  int64_t lora_rank = 0;  // of the adapters on every matrix of attention; 0: all weights learn
};

// What a serving workload must carry.
struct Serve {
  int64_t prompt = 1024;                               // tokens of a request
  int64_t output = 256;                                // tokens of an answer
  int64_t concurrency = 1;                             // requests decoded together on one replica
  double requests = 0;                                 // in all; 0: one batch
  PrecisionWish precision = PrecisionWish::automatic;  // of weights; automatic: bf16 or fp8
  PrecisionWish cache = PrecisionWish::automatic;      // of keys and values; as wide as weights
  std::optional<Seconds> first_token, token_time;      // the longest that a request may wait
};

struct Bench {
  Seconds duration = Seconds::of(4);  // roughly, for one layout of ranks and threads
};

struct Goal {
  Objective minimize = Objective::time;
  std::optional<Seconds> deadline;
  std::optional<Yuan> budget;
  std::optional<Joules> energy;
};

struct Workload {
  std::string name;
  WorkloadKind kind = WorkloadKind::train;
  Model model;
  Data data;
  Train train;
  Finetune finetune;
  Serve serve;
  ParallelWish parallel;
  Bench bench;
  Goal goal;
};

// Whether it trains: from nothing, or from a checkpoint.
constexpr bool is_training(const Workload& workload) {
  return workload.kind == WorkloadKind::train || workload.kind == WorkloadKind::finetune;
}

// Optimizer steps, from whichever of train's three ways to say it was used.
int64_t steps_of(const Workload& workload);

// The same text for equal workloads: what decides whether a stopped job is "the same".
std::string fingerprint(const Workload& workload);

}  // namespace heliu
