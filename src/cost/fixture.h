// Documents that make forecasts easy to do by hand; for tests and benchmarks only.
#pragma once

#include "cost/operations.h"
#include "spec/coefficients.h"
#include "spec/pool.h"
#include "spec/workload.h"

namespace heliu::cost::fixture {

// Every kernel at a constant rate of work per second, from the smallest shapes to the largest, and
// an all-reduce of 1 us and 1 GB/s, for each of the layouts (ranks, threads).
inline Coefficients steady(double products, double elements,
                           const std::vector<std::pair<int, int>>& layouts = {{1, 1}, {2, 1}}) {
  Coefficients known;
  known.island = "host/cpu";
  for (auto [ranks, threads] : layouts)
    for (Precision precision : {Precision::fp32, Precision::bf16}) {
      auto add = [&](std::string kernel, int64_t m, int64_t n, int64_t k, double rate) {
        double seconds = work(kernel, m, n, k) / rate;
        known.kernels.push_back({kernel, precision, ranks, threads, m, n, k, Seconds::of(seconds)});
      };
      for (int64_t size : {1, 1 << 20}) {
        for (auto kernel : {"gemm", "gemm_nt", "gemm_tn", "attention", "attention_backward"})
          add(kernel, size, size, size, products * threads);
        for (auto kernel : {"layer_norm", "layer_norm_backward", "gelu", "gelu_backward",
                            "bias_gradient", "add", "embedding", "embedding_backward",
                            "cross_entropy", "adamw", "sum_of_squares", "convert", "triad"})
          add(kernel, size, size, 1, elements);
      }
    }
  for (auto [ranks, threads] : layouts)
    for (double bytes : {1e3, 1e9})
      if (ranks > 1)
        known.collectives.push_back(
            {"all_reduce", ranks, threads, Bytes::of(bytes), Seconds::of(bytes / 1e9)});
  return known;
}

inline Island island(int cores, Bytes memory, int nodes = 1) {
  Island island;
  island.name = "cpu";
  island.node.processor.cores = cores;
  island.node.memory = memory;
  island.nodes = nodes;
  if (nodes > 1) {
    island.fabric.kind = FabricKind::ethernet;
    island.fabric.bandwidth = Bandwidth::of(12.5e9);
    island.fabric.latency = Seconds::of(5e-6);
  }
  return island;
}

inline Workload workload(const Model& model, int64_t global_batch, int64_t steps) {
  Workload work;
  work.name = "tiny";
  work.model = model;
  work.train.global_batch = global_batch;
  work.train.steps = steps;
  work.train.checkpoint_every = 0;
  return work;
}

}  // namespace heliu::cost::fixture
