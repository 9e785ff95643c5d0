// A step is m micro-batches through a pipeline of stages, then the exchange of gradients and the
// update of weights.
//
//   pipeline = m t_max + (sum of t - t_max) / v
//
// with t a stage's time for one micro-batch: while the slowest stage is busy all the time, filling
// and draining cost what the other stages take once, divided by the v chunks of interleaving
// (Narayanan et al., arXiv 2104.04473, section 2.2). A zero-bubble schedule fills part of it with
// the gradients of weights (Qi et al., arXiv 2401.10241, ZB-H1: a third is left).
#include "cost/estimate.h"

#include <algorithm>
#include <cmath>

#include "cost/network.h"

namespace heliu::cost {
namespace {

double shards(const Parallel& p, Sharding from) {
  if (p.sharding < from) return 1;
  return p.sharding_group ? p.sharding_group : double(p.dp) * p.cp;
}
double expert_team(const Parallel& p) {
  return double(p.dp) * p.cp * p.tp / (double(p.ep) * p.expert_tp);
}
double expert_shards(const Parallel& p, Sharding from) {
  return p.sharding < from ? 1 : std::min(shards(p, from), expert_team(p));
}

// Of the whole model.
struct Layers {
  double dense = 0, mixtures = 0;
};
Layers layers_of(const Model& m) {
  auto all = double(m.layers + m.prediction_layers), mixtures = double(expert_layers(m));
  return {all - mixtures, mixtures};
}

// Of the adapters on the attention matrices of one layer, in one rank.
double adapter_parameters(const Model& m, double rank, double tp) {
  double h = double(m.hidden), kv = double(kv_heads_of(m) * head_size_of(m));
  return rank * (2 * (h + h) + 2 * (h + kv)) / tp;
}

}  // namespace

const char* misfit(const Model& m, const Layout& layout, int devices) {
  const Parallel& p = layout.parallel;
  if (ranks_of(p) > devices) return "more ranks than devices";
  if (m.heads % p.tp) return "tp does not divide the heads";
  if (kv_heads_of(m) % p.tp && p.tp % kv_heads_of(m)) return "tp and kv_heads do not divide";
  if (feed_forward_of(m) % p.tp) return "tp does not divide the feed-forward width";
  if (int64_t(p.pp) * p.vpp > m.layers + m.prediction_layers + 2) return "more chunks than layers";
  if (p.pp > m.layers) return "more stages than layers";
  if (p.vpp > 1 && p.pp == 1) return "interleaving needs stages";
  if (p.zero_bubble && (p.pp == 1 || p.vpp > 1)) return "zero-bubble needs stages of one chunk";
  if (p.cp > 1 && m.sequence % (2 * p.cp)) return "cp does not divide the sequence";
  if (p.sequence_parallel && m.sequence / p.cp % p.tp) return "tp does not divide the sequence";
  if (!m.experts.count && (p.ep > 1 || p.expert_tp > 1)) return "ep needs experts";
  if (m.experts.count) {
    if (m.experts.count % p.ep) return "ep does not divide the experts";
    if (expert_feed_forward_of(m) % p.expert_tp) return "expert_tp does not divide an expert";
    if (int64_t(p.dp) * p.cp * p.tp % (int64_t(p.ep) * p.expert_tp))
      return "ep does not divide the ranks of a stage";
  }
  if (p.sharding_group && int64_t(p.dp) * p.cp % p.sharding_group)
    return "the sharding group does not divide dp";
  return nullptr;
}

double layers_of_stage(const Model& m, const Parallel& p, int stage) {
  int64_t layers = m.layers + m.prediction_layers;
  if (p.pp == 1) return double(layers);
  bool first = stage == 0, last = stage == p.pp - 1;
  int64_t chunks = int64_t(p.pp) * p.vpp;
  if (layers % chunks && (layers + 2) % chunks == 0)
    return double((layers + 2) / p.pp) - first - last;
  if (layers % chunks && (layers + 1) % chunks == 0) return double((layers + 1) / p.pp) - last;
  // What is left over goes to the stages between, then to the first; the last has the head.
  int64_t base = layers / p.pp, extra = layers % p.pp;
  int order = last ? p.pp - 1 : first ? p.pp - 2 : stage - 1;
  return double(base + (order < extra));
}

// Interleaved stages hold the first layers in their first chunks, one stage after the other.
double dense_layers_of_stage(const Model& m, const Parallel& p, int stage) {
  double layers = layers_of_stage(m, p, stage);
  if (!m.experts.count) return layers;
  auto dense = double(m.experts.dense_layers);
  if (dense == 0) return 0;
  if (p.pp == 1) return std::min(layers, dense);
  for (int i = 0; i < stage && dense > 0; ++i) dense -= layers_of_stage(m, p, i) / p.vpp;
  return std::clamp(dense, 0.0, layers / p.vpp);
}

int typical_stage(const Model& m, const Parallel& p) {
  int stage = std::min(1, p.pp - 1);
  if (!m.experts.count) return stage;
  while (stage < p.pp - 2 && dense_layers_of_stage(m, p, stage) > 0) ++stage;
  return stage;
}

Split split_of(const Layout& layout) {
  const Parallel& p = layout.parallel;
  return {p.tp,
          p.cp,
          p.ep,
          p.expert_tp,
          layout.micro_batch,
          layout.precision,
          p.sequence_parallel && p.tp > 1,
          p.flash_attention};
}

// What one stage is, and what one micro-batch costs it.
struct Estimator::Stage {
  double dense = 0, mixtures = 0;  // layers
  bool first = false, last = false;
  Pass forward, backward;
  double recompute = 0, loss = 0;
  double embedding = 0;  // of the passes' elementwise seconds, looking up and scattering
  double shared_parameters = 0, expert_parameters = 0;
  bool has_no_more_than(const Stage& other) const {
    return shared_parameters <= other.shared_parameters &&
           expert_parameters <= other.expert_parameters &&
           dense + mixtures <= other.dense + other.mixtures;
  }
  double total() const { return forward.total() + backward.total() + recompute + loss; }
};

Estimator::Estimator(const Task& task, const Machine& machine, const Habits& habits)
    : task_(task), machine_(machine), habits_(habits) {}

double Estimator::weight_bytes(const Layout& layout) const {
  bool narrow = layout.precision != Precision::bf16 && bytes_of(layout.precision) == 2 &&
                layout.precision != Precision::fp16;
  return narrow && habits_.narrow_weights ? 1 : habits_.weight_bytes;
}

Block Estimator::block(const Split& split) const {
  return cost::block(task_.model, task_.trains_all, machine_, habits_, split);
}

Estimator::Stage Estimator::stage(const Layout& layout, const Block& block, int index) const {
  const Parallel& p = layout.parallel;
  const Model& m = task_.model;
  Stage s;
  s.first = index == 0;
  s.last = index == p.pp - 1;
  double layers = layers_of_stage(m, p, index);
  s.dense = dense_layers_of_stage(m, p, index);
  s.mixtures = layers - s.dense;

  auto layer = [&](const LayerCost& one, double count) {
    if (count <= 0) return;
    s.forward.add(one.forward, count);
    s.backward.add(one.backward, count);
    s.shared_parameters += count * one.shared_parameters;
    s.expert_parameters += count * one.expert_parameters;
    s.recompute += count * recompute_time(one, habits_, p.recompute);
  };
  layer(block.dense, s.dense);
  layer(block.mixture, s.mixtures);
  auto end = [&](const EndCost& one) {
    s.forward.add(one.forward);
    s.backward.add(one.backward);
    s.loss += one.loss;
    s.shared_parameters += one.parameters;
  };
  if (s.first) {
    end(block.embedding);
    s.embedding = block.embedding.forward.elementwise + block.embedding.backward.elementwise;
  }
  if (s.last) end(block.head);
  if (s.first && s.last && is_tied(m))
    s.shared_parameters -= double(m.hidden) * double(m.vocabulary) / p.tp;
  return s;
}

// Seconds of weight and gradient exchange over data-parallel ranks that no computation hides.
// ZeRO-3 gathers weights for each micro-batch, in both passes (Rajbhandari et al., arXiv
// 1910.02054, section 7; Zhao et al., arXiv 2304.11277).
double Estimator::exchange_gradients(const Layout& layout, const Stage& stage,
                                     double window) const {
  const Parallel& p = layout.parallel;
  double m = double(layout.micro_batches);
  auto talk = [&](double parameters, double size, double stride, double group) {
    if (size <= 1) return 0.0;
    double sent = habits_.reduced_bytes * parameters, held = weight_bytes(layout) * parameters;
    if (p.sharding == Sharding::none) return all_reduce_time(machine_, {size, stride}, sent);
    double sum = reduce_scatter_time(machine_, {group, stride}, sent);
    double gather = all_gather_time(machine_, {group, stride}, held);
    double rest = all_reduce_time(machine_, {size / group, stride * group}, sent / group);
    if (p.sharding == Sharding::zero3) return m * (2 * gather + sum) + rest;
    return sum + gather + rest;
  };
  double shared = stage.shared_parameters, expert = stage.expert_parameters;
  if (!task_.trains_all) {
    bool gathers = p.sharding == Sharding::zero3;
    shared = gathers ? shared
                     : adapter_parameters(task_.model, double(task_.lora_rank), p.tp) *
                           (stage.dense + stage.mixtures);
    expert = gathers ? expert : 0;
  }
  double size = double(p.dp) * p.cp, own = expert_team(p);
  double group = shards(p, Sharding::zero1);
  double time = talk(shared, size, p.tp, group) +
                talk(expert, own, double(p.ep) * p.expert_tp, std::min(group, own));
  double owners = habits_.owners_broadcast && group > 1 ? group * habits_.rates.owner_s : 0;
  double exposed = habits_.rates.data_exposed;
  double span = p.sharding == Sharding::zero3 ? window * m : window;
  return owners + exposed * time + std::max(0.0, (1 - exposed) * time - span);
}

double Estimator::update_weights(const Layout& layout, const Stage& stage) const {
  const Parallel& p = layout.parallel;
  double own = stage.shared_parameters / shards(p, Sharding::zero1) +
               stage.expert_parameters / expert_shards(p, Sharding::zero1);
  if (!task_.trains_all)
    own = adapter_parameters(task_.model, double(task_.lora_rank), p.tp) *
          (stage.dense + stage.mixtures);
  double bytes = 2 * habits_.optimizer_bytes + habits_.gradient_bytes + habits_.weight_bytes;
  double time = own * bytes / machine_.bandwidth;
  // The state stays with the host: gradients go there, weights come back, the host's memory serves
  // the update.
  if (p.offload)
    time = own * ((habits_.gradient_bytes + habits_.weight_bytes) / machine_.host_link +
                  2 * habits_.optimizer_bytes / (2 * machine_.host_link));
  return time;
}

Estimate Estimator::estimate(const Layout& layout, const Block& block) const {
  using enum OperationClass;
  const Parallel& p = layout.parallel;
  Estimate e;
  Stage first = stage(layout, block, 0);
  Stage last = p.pp > 1 ? stage(layout, block, p.pp - 1) : first;
  int typical = typical_stage(task_.model, p);
  Stage second = p.pp > 2 ? stage(layout, block, 1) : last;
  Stage middle = typical > 1 ? stage(layout, block, typical) : second;
  const Stage* slow = &first;
  for (const Stage* other : {&last, &second, &middle})
    if (other->total() > slow->total()) slow = other;
  Layers all_layers = layers_of(task_.model);
  double all = first.total();
  if (p.pp > 1) {
    auto seconds = [&](const LayerCost& one) {
      return one.forward.total() + one.backward.total() + recompute_time(one, habits_, p.recompute);
    };
    all += last.total() + (all_layers.dense - first.dense - last.dense) * seconds(block.dense) +
           (all_layers.mixtures - first.mixtures - last.mixtures) * seconds(block.mixture);
  }

  double m = double(layout.micro_batches), v = p.vpp;
  double shortage = p.vpp > 1 && layout.micro_batches % p.pp
                        ? double(p.pp - layout.micro_batches % p.pp) / p.pp * (v - 1) / v
                        : 0;
  double idle =
      (all - slow->total()) / v * (p.zero_bubble ? 1.0 / 3 : 1) + shortage * slow->total();
  // The slowest hop counts: one that leaves a domain, where the stages do not all fit into it.
  double stride = double(p.tp) * p.cp * p.dp;
  double distance = stride * p.pp > machine_.domain ? machine_.domain : stride;
  double hop = p.pp > 1 ? send_time(machine_, distance, block.message) : 0;
  double sends = habits_.rates.pipeline_exposed * hop * 2 * v * m + 2 * hop * (p.pp - 1);

  e[gemm] = m * (slow->forward.matmul + slow->backward.matmul);
  e[attention] = m * (slow->forward.attention + slow->backward.attention);
  e[elementwise] = m * (slow->forward.elementwise + slow->backward.elementwise - slow->embedding);
  e[embedding] = m * slow->embedding;
  e[loss] = m * slow->loss;
  e[recompute] = m * slow->recompute;
  e[tensor_communication] = m * (slow->forward.tensor + slow->backward.tensor);
  e[context_communication] = m * (slow->forward.context + slow->backward.context);
  e[expert_communication] = m * (slow->forward.expert + slow->backward.expert);
  e[other] = m * (slow->forward.host + slow->backward.host) + habits_.rates.step_s;
  e[bubble] = idle;
  e[pipeline_communication] = p.pp > 1 ? sends : 0;

  double window = 2.0 / 3 * slow->total();
  // The stage with the most to exchange: of embeddings at the ends, of experts between them.
  auto exchange = [&](const Stage& one) {
    e[data_communication] =
        std::max(e[data_communication], exchange_gradients(layout, one, window));
    e[optimizer] = std::max(e[optimizer], update_weights(layout, one));
  };
  exchange(first);
  if (!last.has_no_more_than(first)) exchange(last);
  if (!middle.has_no_more_than(first) && !middle.has_no_more_than(last)) exchange(middle);
  double sum = 0;
  for (double seconds : e.seconds) sum += seconds;
  e[other] += sum * habits_.rates.straggling * std::log2(double(machine_.nodes));
  for (double seconds : e.seconds) e.step += seconds;

  e.operations =
      m / p.pp *
      (all_layers.dense * block.dense.operations + all_layers.mixtures * block.mixture.operations +
       block.embedding.operations + block.head.operations);
  int seen = -1;
  for (int index : {0, std::min(1, p.pp - 1), typical, p.pp - 1}) {  // in order
    if (index == seen) continue;
    seen = index;
    Footprint one = footprint(layout, block, index);
    if (one.total() <= e.footprint.total()) continue;
    e.footprint = one;
    e.stage = index;
  }
  e.fits = e.footprint.total() <= machine_.memory;
  return e;
}

Footprint Estimator::footprint(const Layout& layout, const Block& block, int index) const {
  const Parallel& p = layout.parallel;
  Stage s = stage(layout, block, index);
  Footprint f;
  double layers = std::max(1.0, s.dense + s.mixtures);
  double adapters = task_.trains_all
                        ? 0
                        : adapter_parameters(task_.model, double(task_.lora_rank), p.tp) * layers;
  auto held = [&](Sharding from) {
    return s.shared_parameters / shards(p, from) + s.expert_parameters / expert_shards(p, from);
  };
  auto learning = [&](Sharding from) { return task_.trains_all ? held(from) : adapters; };
  f.weights = weight_bytes(layout) * held(Sharding::zero3);
  double wide = layout.precision == Precision::bf16 ? habits_.wide_gradient_bytes : 0;
  f.gradients = (habits_.gradient_bytes + wide) * learning(Sharding::zero2);
  f.optimizer = p.offload ? 0 : habits_.optimizer_bytes * learning(Sharding::zero1);

  // Micro-batches whose activations wait for their backward; in chunks where stages interleave.
  double m = double(layout.micro_batches);
  double waiting = std::min(m, double(p.pp - index));
  if (p.vpp > 1)
    waiting = std::min(m * p.vpp, 2.0 * (p.pp - index - 1) + (p.vpp - 1.0) * p.pp + 1) / p.vpp;
  auto kept = [&](const LayerCost& one) { return kept_bytes(one, habits_, p.recompute); };
  f.activations = waiting * (s.dense * kept(block.dense) + s.mixtures * kept(block.mixture));
  const LayerCost& busy = s.mixtures > 0 ? block.mixture : block.dense;
  double running = busy.working + (p.recompute == Recompute::full ? busy.kept : 0);
  if (s.first) f.activations += waiting * block.embedding.kept;
  if (s.last) {
    f.activations += block.head.kept;
    running = std::max(running, block.head.working);
  }
  f.activations += running;
  f.buffers = 2 * block.message * (p.pp > 1 ? 2 : 0);
  if (p.sharding == Sharding::zero3)
    f.buffers += 2 * weight_bytes(layout) * (busy.shared_parameters + busy.expert_parameters);
  f.activations *= habits_.fragmentation;
  f.runtime = habits_.runtime_bytes;
  return f;
}

}  // namespace heliu::cost
