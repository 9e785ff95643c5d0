// Machines, habits and models with round numbers, for estimates that are done by hand; for tests
// only.
#pragma once

#include "cost/estimate.h"
#include "cost/model_fixture.h"

namespace heliu::cost::fixture {

using heliu::fixture::deepseek_v3;
using heliu::fixture::llama_8b;

// 100 TFLOPS in 16 bits, 1 TB/s of memory, 100 GB/s between the 8 devices of a node, 10 GB/s from
// node to node; no latency, and products of any size at their peak.
inline Machine round_machine() {
  Machine m;
  for (double& rate : m.matmul) rate = 100e12;
  m.attention = 50e12;
  m.bandwidth = 1e12;
  m.memory = 80e9;
  m.area = m.depth = 0;
  m.link = 100e9;
  m.network = 10e9;
  m.link_latency = m.network_latency = 0;
  m.domain = m.devices_per_node = 8;
  m.nodes = 4;
  return m;
}

// No time of the host's, nothing hidden, nothing beside what is counted.
inline Habits plain_habits() {
  Habits h;
  h.rates.layer_s = h.rates.expert_layer_s = h.rates.step_s = h.rates.straggling = 0;
  h.rates.tensor_exposed = h.rates.pipeline_exposed = h.rates.data_exposed = 1;
  h.rates.expert_exposed = 1;
  h.gradient_bytes = h.reduced_bytes = 2;
  h.runtime_bytes = 0;
  h.fragmentation = 1;
  return h;
}

// Korthikanti et al., arXiv 2205.05198: GPT in 16 bits with dropout and stored scores.
inline Habits megatron_of_2022() {
  Habits h = plain_habits();
  h.dropout = true;
  h.fused_attention = false;
  return h;
}

// GPT-3 with 22 billion parameters, as in table 3 there.
inline Model gpt_22b() {
  return {.family = ModelFamily::gpt,
          .layers = 48,
          .hidden = 6144,
          .heads = 64,
          .sequence = 2048,
          .vocabulary = 51200};
}

inline Model mixtral_8x7b() {
  return {.family = ModelFamily::mixtral,
          .layers = 32,
          .hidden = 4096,
          .heads = 32,
          .kv_heads = 8,
          .sequence = 4096,
          .feed_forward = 14336,
          .vocabulary = 32000,
          .experts = {.count = 8, .active = 2}};
}

}  // namespace heliu::cost::fixture
