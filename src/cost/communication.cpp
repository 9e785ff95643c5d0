#include "cost/communication.h"

#include <fmt/format.h>

#include <algorithm>

namespace heliu::cost {
namespace {

constexpr Seconds shared_memory_latency = Seconds::of(1e-6);  // assumed; two cache line transfers

// The two ways between ranks of one plan.
struct Roads {
  const CollectiveTimes& collectives;
  KernelLayout layout;
  Link memory;  // between ranks of one node, unless measured
  Link fabric;  // of one node
};

// Ranks `stride` apart, `size` of them: inside one node when their whole span fits it.
struct Circle {
  int size;
  bool inside;
  int sharing;  // circles that use the node's fabric link at the same time
};

Circle circle(const Seating& seating, int size, int span, int stride) {
  bool inside = span <= seating.ranks_per_node && seating.ranks_per_node % span == 0;
  return {size, inside || seating.nodes == 1, std::min(stride, seating.ranks_per_node)};
}

KernelEstimate all_reduce(const Roads& roads, Bytes payload, const Circle& circle) {
  if (circle.size < 2) return {};
  if (circle.inside) {
    auto known = roads.collectives.time("all_reduce", payload, {circle.size, roads.layout.threads});
    return known ? *known
                 : KernelEstimate{ring_all_reduce(payload, circle.size, roads.memory), true};
  }
  Link own{roads.fabric.bandwidth / double(circle.sharing), roads.fabric.latency};
  return {ring_all_reduce(payload, circle.size, own), true};
}

KernelEstimate message(const Roads& roads, Bytes payload, bool inside, int sharing) {
  if (inside) return {send(payload, roads.memory), true};
  return {send(payload, {roads.fabric.bandwidth / double(sharing), roads.fabric.latency}), true};
}

// Each byte that is handed over inside a node is written and read once more.
Link memory_link(const KernelTimes& kernels, KernelLayout layout) {
  auto bandwidth = kernels.memory_bandwidth(layout);
  return {bandwidth ? *bandwidth / 2.0 : Bandwidth::of(1e9), shared_memory_latency};
}

Bytes stream_bytes(const Model& model, const Plan& plan) {
  return Bytes::of(4.0 * double(plan.micro_batch * model.sequence * model.hidden));
}

}  // namespace

Seating seat(const Island& island, const Plan& plan) {
  int ranks = ranks_of(plan.parallel);
  int fit = std::max(1, island.node.processor.cores / std::max(1, plan.threads));
  int per_node = std::min(ranks, fit);
  return {per_node, (ranks + per_node - 1) / per_node};
}

Result<Communication> communication(const Island& island, const Model& model, const Plan& plan,
                                    const KernelTimes& kernels,
                                    const CollectiveTimes& collectives) {
  Seating seating = seat(island, plan);
  if (seating.nodes > 1 && island.fabric.bandwidth <= Bandwidth())
    return fail(
        Error::Kind::infeasible,
        fmt::format("island {} names no bandwidth between nodes, and the plan needs nodes {}",
                    island.name, seating.nodes));
  KernelLayout layout{seating.ranks_per_node, plan.threads};
  Roads roads{collectives,
              layout,
              memory_link(kernels, layout),
              {island.fabric.bandwidth / std::max(1.0, island.fabric.oversubscription),
               island.fabric.latency}};

  const int dp = plan.parallel.dp, tp = plan.parallel.tp, pp = plan.parallel.pp;
  Stage stage = slowest_stage(model, pp);
  Communication total;
  auto add = [&](Seconds& to, const KernelEstimate& one, double times) {
    to += one.time * times;
    total.extrapolated |= one.extrapolated;
  };

  Circle replicas = circle(seating, dp, dp * tp, tp);
  Bytes gradients = Bytes::of(4.0 * double(parameters(model, stage, tp)));
  add(total.gradients, all_reduce(roads, gradients, replicas), 1);
  total.overlaps = dp > 1 && !replicas.inside;

  // Forward: behind the attention's projection and behind fc2; backward: before qkv and before fc1
  // (Shoeybi et al., arXiv 1909.08053, figure 4). In f32 whatever the compute type.
  Circle slices = circle(seating, tp, tp, 1);
  add(total.per_micro_batch, all_reduce(roads, stream_bytes(model, plan), slices),
      4.0 * double(stage.layers));

  if (pp > 1) {
    bool inside = seating.nodes == 1;
    add(total.per_micro_batch,
        message(roads, stream_bytes(model, plan), inside, seating.ranks_per_node), 2);
    Bytes embedding = Bytes::of(4.0 * double(model.vocabulary * model.hidden));
    add(total.gradients, all_reduce(roads, embedding, {2, inside, seating.ranks_per_node}), 1);
  }
  return total;
}

Seconds exposed(Seconds total, Seconds backward, int64_t buckets) {
  Seconds last = total / double(buckets);
  return std::max(last, total - backward * (1 - 1 / double(buckets)));
}

}  // namespace heliu::cost
