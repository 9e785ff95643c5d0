#include "planner/space.h"

#include <algorithm>
#include <cmath>

namespace heliu::planner {
namespace {

template <class T, class V>
bool allows(const std::vector<T>& list, V value) {
  return list.empty() || std::find(list.begin(), list.end(), T(value)) != list.end();
}

template <class T>
std::vector<T> wished(const std::optional<T>& wish, std::vector<T> otherwise) {
  return wish ? std::vector<T>{*wish} : std::move(otherwise);
}

Precision precision_for(PrecisionWish wish, const cost::Machine& machine) {
  switch (wish) {
    case PrecisionWish::fp32:
      return Precision::fp32;
    case PrecisionWish::bf16:
      return Precision::bf16;
    case PrecisionWish::tf32:
      return Precision::tf32;
    case PrecisionWish::fp16:
      return Precision::fp16;
    case PrecisionWish::fp8:
      return Precision::fp8;
    case PrecisionWish::mxfp8:
      return Precision::mxfp8;
    case PrecisionWish::nvfp4:
      return Precision::nvfp4;
    case PrecisionWish::automatic:
      break;
  }
  for (Precision one : {Precision::bf16, Precision::fp16, Precision::tf32})
    if (machine.knows(one)) return one;
  return Precision::fp32;
}

// Of `all` devices in nodes: counts that batches and layers divide well.
std::vector<int> device_counts(const cost::Machine& machine, bool every) {
  std::vector<int> counts{machine.devices()};
  auto add = [&](int nodes) {
    int count = nodes * machine.devices_per_node;
    if (nodes >= 1 && nodes <= machine.nodes && !allows(counts, count)) counts.push_back(count);
  };
  int binary = 1;
  while (2 * binary <= machine.nodes) binary *= 2;
  for (; binary >= 1; binary = every ? binary / 2 : 0) {
    add(binary / 2 * 3);
    add(binary);
  }
  if (every)
    for (int count = machine.devices_per_node / 2; count >= 1; count /= 2)
      if (!allows(counts, count)) counts.push_back(count);
  std::sort(counts.rbegin(), counts.rend());
  return counts;
}

std::vector<int> counts_for(const Workload& workload, const cost::Machine& machine) {
  const ParallelWish& wish = workload.parallel;
  if (wish.devices) return {*wish.devices};
  if (wish.dp && wish.tp && wish.pp) return {*wish.dp * *wish.tp * *wish.pp * wish.cp.value_or(1)};
  const Goal& goal = workload.goal;
  return device_counts(machine, goal.minimize != Objective::time || goal.budget || goal.energy);
}

// Chunks are of equal size, embedding and head taking a layer's place where that helps.
bool divides_evenly(const Model& m, int64_t chunks) {
  int64_t layers = m.layers + m.prediction_layers;
  return layers % chunks == 0 || (layers + 1) % chunks == 0 || (layers + 2) % chunks == 0;
}

}  // namespace

std::vector<int> divisors(int64_t number) {
  std::vector<int> low, high;
  for (int64_t i = 1; i * i <= number; ++i)
    if (number % i == 0) {
      low.push_back(int(i));
      if (i * i != number) high.push_back(int(number / i));
    }
  low.insert(low.end(), high.rbegin(), high.rend());
  return low;
}

Space space_for(const Workload& workload, const cost::Machine& machine,
                const cost::Habits& habits) {
  const ParallelWish& wish = workload.parallel;
  const Model& model = workload.model;
  Space s;
  s.devices = counts_for(workload, machine);
  s.precision = {precision_for(workload.train.precision, machine)};
  s.tp = wished(wish.tp, {});
  s.pp = wished(wish.pp, {});
  s.dp = wished(wish.dp, {});
  s.vpp = wished(wish.vpp, {});
  std::vector<int> cps;
  for (int cp : divisors(std::max<int64_t>(1, model.sequence / 2)))
    if (cp == 1 || model.sequence / cp >= 512) cps.push_back(cp);
  s.cp = wished(wish.cp, cps);
  s.ep = wished(wish.ep, divisors(std::max<int64_t>(1, model.experts.count)));
  s.expert_tp =
      wished(wish.expert_tp, model.experts.count ? std::vector<int>{} : std::vector<int>{1});
  s.micro_batch = wished(wish.micro_batch, {});
  s.sharding =
      wished(wish.sharding, {Sharding::none, Sharding::zero1, Sharding::zero2, Sharding::zero3});
  s.sharding_group = wished(wish.sharding_group, {0, -1});
  s.recompute = wished(wish.recompute, {Recompute::none, Recompute::selective, Recompute::full});
  s.sequence_parallel = wished(wish.sequence_parallel, {false, true});
  s.zero_bubble = wished(wish.zero_bubble, {false});
  s.offload = wished(wish.offload, {false, true});
  s.flash_attention = wished(wish.flash_attention, {habits.fused_attention});
  return s;
}

std::vector<Root> roots_of(const Space& space, const Model& model) {
  std::vector<Root> roots;
  auto experts = [&](Root root) {
    int ranks = root.devices;
    for (int ep : space.ep.empty() ? divisors(std::max<int64_t>(1, model.experts.count)) : space.ep)
      for (int within : space.expert_tp.empty() ? divisors(root.tp) : space.expert_tp) {
        if (ranks % (int64_t(ep) * within)) continue;
        root.ep = ep;
        root.expert_tp = within;
        roots.push_back(root);
      }
  };
  for (int devices : space.devices)
    for (Precision precision : space.precision)
      for (bool flash : space.flash_attention)
        for (int tp : divisors(devices)) {
          if (!allows(space.tp, tp) || model.heads % tp) continue;
          for (int cp : divisors(devices / tp)) {
            if (!allows(space.cp, cp)) continue;
            for (bool sp : space.sequence_parallel)
              if (!sp || tp > 1) experts({devices, precision, flash, tp, cp, 1, 1, sp});
            // Asked for, yet without effect: one tensor-parallel rank has the whole sequence.
            if (tp == 1 && !allows(space.sequence_parallel, false))
              experts({devices, precision, flash, tp, cp, 1, 1, false});
          }
        }
  return roots;
}

std::vector<Trunk> trunks_of(const Space& space, const Model& model, const Root& root,
                             int64_t global_batch) {
  std::vector<Trunk> trunks;
  int rest = root.devices / (root.tp * root.cp);
  for (int pp : divisors(rest)) {
    int dp = rest / pp;
    if (pp > model.layers || !allows(space.pp, pp) || !allows(space.dp, dp)) continue;
    if (global_batch % dp) continue;
    if (int64_t(dp) * root.cp * root.tp % (int64_t(root.ep) * root.expert_tp)) continue;
    trunks.push_back({pp, dp});
  }
  return trunks;
}

std::vector<int64_t> micro_batches_of(const Space& space, int64_t global_batch, int dp) {
  std::vector<int64_t> all;
  for (int one : divisors(global_batch / dp))
    if (allows(space.micro_batch, int64_t(one))) all.push_back(one);
  return all;
}

std::vector<Schedule> schedules_of(const Space& space, const Model& model, int pp) {
  std::vector<Schedule> all;
  int64_t most = pp == 1 ? 1 : (model.layers + model.prediction_layers + 2) / pp;
  for (int vpp = 1; vpp <= most; ++vpp) {
    if (!allows(space.vpp, vpp)) continue;
    if (vpp > 1 && !divides_evenly(model, int64_t(pp) * vpp)) continue;
    for (bool zero_bubble : space.zero_bubble) {
      if (zero_bubble && (pp == 1 || vpp > 1)) continue;
      for (Recompute recompute : space.recompute) all.push_back({vpp, zero_bubble, recompute});
    }
  }
  return all;
}

std::vector<Holding> holdings_of(const Space& space, const Root& root, int dp,
                                 const cost::Machine& machine) {
  std::vector<Holding> all;
  int ranks = dp * root.cp;
  auto add = [&](Sharding sharding, int group) {
    for (bool offload : space.offload) all.push_back({sharding, group, offload});
  };
  for (Sharding sharding : space.sharding) {
    if (sharding == Sharding::none) add(sharding, 0);
    if (sharding == Sharding::none || ranks == 1) continue;
    std::vector<int> seen;
    auto group = [&](int size) {
      if (size && (size <= 1 || size >= ranks || ranks % size)) return;
      if (std::find(seen.begin(), seen.end(), size) != seen.end()) return;
      seen.push_back(size);
      add(sharding, size);
    };
    for (int wish : space.sharding_group) {
      if (wish >= 0) group(wish);
      if (wish >= 0) continue;
      group(machine.domain / root.tp);
      group(machine.devices_per_node / root.tp);
    }
  }
  // Where nothing can be shared, sharing it is to hold it whole.
  if (all.empty() && ranks == 1) add(Sharding::none, 0);
  return all;
}

cost::Layout layout_of(const Root& root, const Trunk& trunk, const Schedule& schedule,
                       const Holding& holding, int64_t global_batch, int64_t micro_batch) {
  cost::Layout layout;
  Parallel& p = layout.parallel;
  p.dp = trunk.dp;
  p.tp = root.tp;
  p.pp = trunk.pp;
  p.cp = root.cp;
  p.ep = root.ep;
  p.expert_tp = root.expert_tp;
  p.vpp = schedule.vpp;
  p.sharding = holding.sharding;
  p.sharding_group = holding.group;
  p.recompute = schedule.recompute;
  p.sequence_parallel = root.sequence_parallel;
  p.zero_bubble = schedule.zero_bubble;
  p.offload = holding.offload;
  p.flash_attention = root.flash_attention;
  layout.micro_batch = micro_batch;
  layout.micro_batches = global_batch / (trunk.dp * micro_batch);
  layout.precision = root.precision;
  return layout;
}

}  // namespace heliu::planner
