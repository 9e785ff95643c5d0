// A small catalog and pools of it; for tests and benchmarks only.
#pragma once

#include "cost/model_fixture.h"
#include "spec/catalog.h"
#include "spec/pool.h"
#include "spec/workload.h"

namespace heliu::planner::fixture {

inline Chip chip(std::string name, double tflops, double gigabytes, double link, double watts) {
  Chip c;
  c.name = std::move(name);
  c.peak.fp32 = OperationRate::of(tflops * 1e12 / 16);
  c.peak.bf16 = c.peak.fp16 = OperationRate::of(tflops * 1e12);
  c.peak.fp8 = OperationRate::of(2 * tflops * 1e12);
  c.memory = {Bytes::of(gigabytes * 1e9), "HBM", Bandwidth::of(tflops * 6.5e9)};
  c.scale_up.bandwidth = Bandwidth::of(link * 1e9);
  c.scale_up.domain = 8;
  c.power = Watts::of(watts);
  return c;
}

// With the datasheets' figures of the chips they are named after.
inline Catalog catalog() {
  Catalog all;
  all.chips = {chip("a100", 312, 80, 300, 400), chip("h100", 989, 80, 450, 700),
               chip("b200", 2250, 180, 900, 1000)};
  return all;
}

inline Island island(std::string name, const std::string& chip, int nodes, double price = 0) {
  Island i;
  i.name = std::move(name);
  i.node.devices = {{chip, 8, {}}};
  i.nodes = nodes;
  i.fabric.kind = FabricKind::fat_tree;
  i.fabric.bandwidth = Bandwidth::of(8 * 25e9);
  i.fabric.latency = Seconds::of(3e-6);
  if (price > 0) i.price = HourlyPrice::of(price / 3600);
  i.failures.node_mtbf = Seconds::of(40000 * 3600.0);
  return i;
}

inline Pool pool(std::vector<Island> islands) {
  Pool p;
  p.name = "test";
  Center c;
  c.name = "site";
  c.pue = 1.2;
  c.carbon = CarbonIntensity::of(0.5 / 3.6e6);
  c.islands = std::move(islands);
  p.centers = {std::move(c)};
  return p;
}

using heliu::fixture::gpt3;
using heliu::fixture::llama_8b;

inline Model deepseek_v3() {
  Model model = heliu::fixture::deepseek_v3();
  model.prediction_layers = 1;
  return model;
}

inline Workload workload(const Model& model, int64_t global_batch, int64_t steps) {
  Workload w;
  w.name = "test";
  w.model = model;
  w.train.global_batch = global_batch;
  w.train.steps = steps;
  return w;
}

}  // namespace heliu::planner::fixture
