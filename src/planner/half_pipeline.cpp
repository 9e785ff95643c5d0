#include "planner/half_pipeline.h"

#include <algorithm>

#include "cost/network.h"

namespace heliu::planner {
namespace {

// Experts are spread as widely as the ranks of a stage and a domain allow.
int spread_of(const Model& model, const cost::Machine& machine, int ranks) {
  int best = 1;
  for (int ep : divisors(std::max<int64_t>(1, model.experts.count)))
    if (ranks % ep == 0 && ep <= std::max(machine.domain, 16)) best = ep;
  return best;
}

cost::Layout layout_for(const Quest& quest, const Setting& setting, int devices, int tp, int dp) {
  cost::Layout layout;
  Parallel& p = layout.parallel;
  p.dp = dp;
  p.tp = tp;
  p.pp = devices / (tp * dp);
  p.sequence_parallel = tp > 1;
  p.sharding = dp > 1 ? Sharding::zero1 : Sharding::none;
  p.flash_attention = quest.habits.fused_attention;
  p.ep = spread_of(quest.task.model, setting.machine, dp * tp);
  layout.precision = quest.space.precision.front();
  return layout;
}

const cost::LayerCost& layer_of(const Half& half) {
  return half.quest->task.model.experts.count ? half.block.mixture : half.block.dense;
}

// Of `count` layers in the first stage, those without experts.
int64_t dense_in_first(const Half& half, int64_t count) {
  const Experts& experts = half.quest->task.model.experts;
  return experts.count ? std::min<int64_t>(count, experts.dense_layers) : 0;
}

double again(const Half& half, const cost::LayerCost& l) {
  return cost::recompute_time(l, half.quest->habits, half.layout.parallel.recompute);
}

double layer_seconds(const Half& half, const cost::LayerCost& l) {
  return l.forward.total() + l.backward.total() + again(half, l);
}

double end_seconds(const cost::EndCost& end) {
  return end.forward.total() + end.backward.total() + end.loss;
}

double expert_team(const Parallel& p) { return std::max(1.0, double(p.dp) * p.tp / p.ep); }
double expert_shards(const Parallel& p) { return std::min(double(p.dp), expert_team(p)); }

// Bytes of one layer on one rank with so many micro-batches in flight.
double layer_bytes(const Half& half, double waiting) {
  const cost::LayerCost& l = layer_of(half);
  const cost::Habits& h = half.quest->habits;
  const Parallel& p = half.layout.parallel;
  double state =
      (h.weight_bytes + h.gradient_bytes) * (l.shared_parameters + l.expert_parameters) +
      h.optimizer_bytes * (l.shared_parameters / p.dp + l.expert_parameters / expert_shards(p));
  double kept = cost::kept_bytes(l, h, p.recompute);
  return state + h.fragmentation * waiting * kept;
}

double end_bytes(const Half& half, bool first, bool last, double waiting) {
  const cost::Habits& h = half.quest->habits;
  double state = h.weight_bytes + h.gradient_bytes + h.optimizer_bytes / half.layout.parallel.dp;
  double bytes = 0;
  if (first) bytes += state * half.block.embedding.parameters + waiting * half.block.embedding.kept;
  if (last) bytes += state * half.block.head.parameters + half.block.head.kept;
  return bytes;
}

// More than four times the even part is never worth trying.
int64_t most_layers(const Half& half, int index, int stages) {
  const cost::LayerCost& l = layer_of(half);
  const cost::Habits& h = half.quest->habits;
  const Model& model = half.quest->task.model;
  double waiting = std::min(double(half.layout.micro_batches), double(stages - index));
  double running = l.working + (half.layout.parallel.recompute == Recompute::full ? l.kept : 0);
  double room = half.setting->machine.memory - h.runtime_bytes -
                end_bytes(half, index == 0, index == stages - 1, waiting) - 4 * half.block.message -
                h.fragmentation * running;
  double even = double(model.layers + model.prediction_layers) / stages;
  return int64_t(std::clamp(room / layer_bytes(half, waiting), 0.0, 4 * even + 2));
}

}  // namespace

std::vector<Half> halves(const Quest& quest, int dp, int64_t micro_batch, Recompute recompute) {
  std::vector<Half> all;
  for (size_t i = 0; i < quest.settings.size(); ++i) {
    const Setting& setting = quest.settings[i];
    int devices = quest.space.devices[i];
    for (int tp = 1; tp <= std::min(16, setting.machine.domain); tp *= 2) {
      if (devices % (tp * dp)) continue;
      Half half{&quest, &setting, layout_for(quest, setting, devices, tp, dp), {}};
      half.layout.parallel.recompute = recompute;
      half.layout.micro_batch = micro_batch;
      half.layout.micro_batches = int64_t(quest.task.global_batch) / (dp * micro_batch);
      if (half.stages() > most_stages || half.stages() > quest.task.model.layers) continue;
      if (cost::misfit(quest.task.model, half.layout, devices)) continue;
      half.block = setting.estimator.block(cost::split_of(half.layout));
      all.push_back(std::move(half));
    }
  }
  return all;
}

StageWork work_of(const Half& half, int64_t layers, int index, int stages) {
  StageWork w;
  auto layer = [&](const cost::LayerCost& one, double count) {
    w.forward.add(one.forward, count);
    w.backward.add(one.backward, count);
    w.recompute += count * again(half, one);
    w.shared_parameters += count * one.shared_parameters;
    w.expert_parameters += count * one.expert_parameters;
  };
  auto end = [&](const cost::EndCost& one) {
    w.forward.add(one.forward);
    w.backward.add(one.backward);
    w.loss += one.loss;
    w.shared_parameters += one.parameters;
  };
  int64_t dense = index == 0 ? dense_in_first(half, layers) : 0;
  if (dense) layer(half.block.dense, double(dense));
  layer(layer_of(half), double(layers - dense));
  if (index == 0) end(half.block.embedding);
  if (index == stages - 1) end(half.block.head);
  return w;
}

StageSpeed speed_of(const Half& half, int index, int stages) {
  StageSpeed s;
  s.layer = layer_seconds(half, layer_of(half));
  if (index == 0) {
    double dense = double(dense_in_first(half, half.quest->task.model.layers));
    s.fixed += dense * (layer_seconds(half, half.block.dense) - s.layer);
    s.fixed += end_seconds(half.block.embedding);
  }
  if (index == stages - 1) s.fixed += end_seconds(half.block.head);
  s.most = most_layers(half, index, stages);
  return s;
}

double exchange_seconds(const Half& half, const StageWork& work) {
  const Parallel& p = half.layout.parallel;
  const cost::Habits& h = half.quest->habits;
  auto talk = [&](double parameters, double size, double stride, double group) {
    if (size <= 1) return 0.0;
    const cost::Machine& machine = half.setting->machine;
    double sent = h.reduced_bytes * parameters;
    return cost::reduce_scatter_time(machine, {group, stride}, sent) +
           cost::all_gather_time(machine, {group, stride}, h.weight_bytes * parameters) +
           cost::all_reduce_time(machine, {size / group, stride * group}, sent / group);
  };
  double time = talk(work.shared_parameters, p.dp, p.tp, p.dp) +
                talk(work.expert_parameters, expert_team(p), p.ep, expert_shards(p));
  double owners = h.owners_broadcast && p.dp > 1 ? p.dp * h.rates.owner_s : 0;
  double window = 0.8 * (work.backward.total() + work.recompute) + 0.4 * work.forward.total();
  double exposed = h.rates.data_exposed;
  return owners + exposed * time + std::max(0.0, (1 - exposed) * time - window);
}

double update_seconds(const Half& half, const StageWork& work) {
  const Parallel& p = half.layout.parallel;
  const cost::Habits& h = half.quest->habits;
  double own = work.shared_parameters / p.dp + work.expert_parameters / expert_shards(p);
  double bytes = 2 * h.optimizer_bytes + h.gradient_bytes + h.weight_bytes;
  return own * bytes / half.setting->machine.bandwidth;
}

}  // namespace heliu::planner
