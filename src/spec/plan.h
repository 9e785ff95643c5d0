// A plan: how a workload will be done, and the forecast it was chosen for. Programs write it, in
// JSON.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "spec/extra.h"
#include "spec/operation.h"
#include "spec/precision.h"
#include "spec/workload.h"

namespace heliu {

// Degrees of parallelism; ranks = dp * tp * pp * cp. A rank's number is ((pp_rank * dp + dp_rank) *
// cp + cp_rank) * tp + tp_rank, so that tensor-parallel neighbours stand side by side. Experts are
// spread over the ranks of one stage: ep * expert_tp divides dp * cp * tp.
struct Parallel {
  int dp = 1, tp = 1, pp = 1;
  int cp = 1, ep = 1;
  int expert_tp = 1;
  int vpp = 1;  // model chunks of one stage
  Sharding sharding = Sharding::none;
  int sharding_group = 0;  // ranks that share; 0: all of dp * cp
  Recompute recompute = Recompute::none;
  bool sequence_parallel = false;
  bool zero_bubble = false;
  bool offload = false;
  bool flash_attention = true;
  bool operator==(const Parallel&) const = default;
};
constexpr int ranks_of(const Parallel& p) { return p.dp * p.tp * p.pp * p.cp; }

// One island's part of a plan over several: which stages it runs, or how much of the batch.
struct Share {
  std::string place;
  int devices = 0;
  int64_t layers = 0;        // of the model, of each replica; all of them unless stages are split
  int64_t global_batch = 0;  // sequences of a step
  int64_t micro_batch = 1;
  int64_t accumulation = 1;
  Parallel parallel;  // of its devices
  Seconds step_time;  // of its own part, without what crosses islands
};

struct ClassTime {
  OperationClass kind = OperationClass::other;
  Seconds time;
};

// Bytes of one rank (the one that needs most).
struct MemoryParts {
  Bytes weights;  // f32 masters and their bf16 copies
  Bytes gradients;
  Bytes optimizer;    // both moments
  Bytes activations;  // kept from forward to backward, and scratch
  Bytes buffers;      // collectives, data
  Bytes runtime;      // the program itself and its libraries
};

// What one pipeline stage holds and needs.
struct StageForecast {
  int64_t layers = 0;
  Seconds micro_batch_time;  // forward and backward of one micro-batch
  Bytes memory;              // of one of its ranks
  MemoryParts memory_parts;
};
Bytes total(const MemoryParts& parts);

struct Forecast {
  Seconds step_time;
  Seconds step_time_low, step_time_high;  // within which the measurement is expected
  std::vector<ClassTime> breakdown;       // sums to step_time
  double tokens_per_s = 0;
  Bytes memory;  // peak of one rank
  MemoryParts memory_parts;
  Seconds total_time;  // the whole job: start, steps, checkpoints
  std::optional<Joules> energy;
  std::string energy_note;  // why it is not known, where it is not
  std::optional<Yuan> cost;
  std::optional<Kilograms> carbon;
  std::optional<double> goodput;               // useful share of the job's time, faults considered
  std::optional<Seconds> checkpoint_interval;  // the best one, against those faults
  // Of serving: from a request to its first token, and from one token to the next.
  std::optional<Seconds> first_token, token_time;
  std::optional<Bytes> cache;         // keys and values on the fullest device
  std::vector<StageForecast> stages;  // in order, where the plan has several
  bool extrapolated = false;          // shapes outside what the coefficients have seen
  Extra extra;
};

struct Plan {
  std::string id;
  Workload workload;    // with what was left open filled in, e.g. the vocabulary
  std::string place;    // "host/cpu"
  std::string backend;  // of the device room: "cpu"
  Parallel parallel;
  int threads = 1;           // per rank
  int64_t micro_batch = 1;   // sequences in one forward and backward of one rank
  int64_t accumulation = 1;  // micro-batches of one rank in one step
  Precision precision = Precision::fp32;
  std::string framework;      // whose habits the forecast assumes: "heliu", "megatron", "fsdp", ...
  std::vector<Share> shares;  // where several islands work together
  int64_t outer_steps = 0;    // steps between averaging over shares; 0: every step is synchronous
  Forecast forecast;
  std::string reason;  // why it was chosen
  Extra extra;
};

// "dp2 tp1 pp1 x 1 thread, micro-batch 8 x 2, bf16"; further degrees where they are not 1.
std::string summary(const Plan& plan);

}  // namespace heliu
