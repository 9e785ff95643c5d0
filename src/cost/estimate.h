// The estimate of one training plan from first principles and calibrated rates: its step's time by
// class and its memory by stage. docs/models/cluster.md derives every formula.
//
// Pure, allocation-free and fast (microseconds): a search calls it millions of times. It forecasts
// accelerators of the catalog; cost/forecast.h forecasts hosts whose kernels were measured.
#pragma once

#include <array>

#include "cost/block.h"
#include "cost/machine.h"
#include "spec/plan.h"

namespace heliu::cost {

// What is computed, apart from how.
struct Task {
  Model model;
  double global_batch = 1;  // sequences of a step
  bool trains_all = true;   // false: adapters only (LoRA)
  int64_t lora_rank = 0;
};

// How it is split: the plan's degrees and batches.
struct Layout {
  Parallel parallel;
  int64_t micro_batch = 1;
  int64_t micro_batches = 1;  // of one rank in one step
  Precision precision = Precision::bf16;
};

// Bytes of one rank of a stage.
struct Footprint {
  double weights = 0, gradients = 0, optimizer = 0, activations = 0, buffers = 0, runtime = 0;
  double total() const { return weights + gradients + optimizer + activations + buffers + runtime; }
};

struct Estimate {
  std::array<double, operation_class_count> seconds{};  // by class; they sum to `step`
  double step = 0;                                      // seconds
  double operations = 0;  // of one rank in one step, useful ones (no recompute)
  Footprint footprint;    // of the stage that needs most
  int stage = 0;          // which that is
  bool fits = true;       // into a device's memory

  double& operator[](OperationClass kind) { return seconds[size_t(kind)]; }
  double operator[](OperationClass kind) const { return seconds[size_t(kind)]; }
};

// Why a layout cannot be, as the name of a rule; null where it can. Cheap: integers only.
const char* misfit(const Model& model, const Layout& layout, int devices);

// The layers of a stage: embedding and head take a layer's place where layers do not divide.
double layers_of_stage(const Model& model, const Parallel& parallel, int stage);

// Those of them without experts: the model's first layers, wherever its stages put them.
double dense_layers_of_stage(const Model& model, const Parallel& parallel, int stage);

// The first stage after the first that has no dense layers before experts: none between has more
// work, unless it is the second one. With two stages or one: the last.
int typical_stage(const Model& model, const Parallel& parallel);

// What decides a layout's block, so that a search can keep it.
Split split_of(const Layout& layout);

// One layout on one machine. The layout must have no misfit.
class Estimator {
 public:
  // Machine and habits are kept; the task's model must outlive the estimator.
  Estimator(const Task& task, const Machine& machine, const Habits& habits);

  Block block(const Split& split) const;
  Estimate estimate(const Layout& layout) const {
    return estimate(layout, block(split_of(layout)));
  }
  // With the block of its split at hand: what a search repeats.
  Estimate estimate(const Layout& layout, const Block& block) const;
  // Of stage 0 <= stage < pp alone.
  Footprint footprint(const Layout& layout, const Block& block, int stage) const;

 private:
  struct Stage;
  Stage stage(const Layout& layout, const Block& block, int index) const;
  double exchange_gradients(const Layout& layout, const Stage& stage, double window) const;
  double weight_bytes(const Layout& layout) const;
  double update_weights(const Layout& layout, const Stage& stage) const;

  const Task task_;
  Machine machine_;
  Habits habits_;
};

}  // namespace heliu::cost
