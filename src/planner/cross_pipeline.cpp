#include "planner/cross_pipeline.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cost/network.h"
#include "planner/mixed.h"

namespace heliu::planner {
namespace {

constexpr int most_stages = 64;
constexpr int64_t largest_micro_batch = 4;

// One island's part, as far as it does not depend on the other's.
struct Half {
  const Quest* quest = nullptr;
  const Setting* setting = nullptr;
  cost::Layout layout;  // its own stages only
  cost::Block block;
  int stages() const { return layout.parallel.pp; }
};

// Experts are spread as widely as the ranks of a stage and a domain allow.
int spread_of(const Model& model, const cost::Machine& machine, int ranks) {
  int best = 1;
  for (int ep : divisors(std::max<int64_t>(1, model.experts.count)))
    if (ranks % ep == 0 && ep <= std::max(machine.domain, 16)) best = ep;
  return best;
}

std::vector<Half> halves(const Quest& quest, int dp, int64_t micro_batch, Recompute recompute) {
  std::vector<Half> all;
  const Model& model = quest.task.model;
  for (size_t i = 0; i < quest.settings.size(); ++i) {
    const Setting& setting = quest.settings[i];
    int devices = quest.space.devices[i];
    for (int tp = 1; tp <= std::min(16, setting.machine.domain); tp *= 2) {
      if (devices % (tp * dp)) continue;
      Half half{&quest, &setting, {}, {}};
      Parallel& p = half.layout.parallel;
      p.dp = dp;
      p.tp = tp;
      p.pp = devices / (tp * dp);
      p.sequence_parallel = tp > 1;
      p.recompute = recompute;
      p.sharding = dp > 1 ? Sharding::zero1 : Sharding::none;
      p.flash_attention = quest.habits.fused_attention;
      p.ep = spread_of(model, setting.machine, dp * tp);
      half.layout.micro_batch = micro_batch;
      half.layout.micro_batches = int64_t(quest.task.global_batch) / (dp * micro_batch);
      half.layout.precision = quest.space.precision.front();
      if (p.pp > most_stages || p.pp > model.layers) continue;
      if (cost::misfit(model, half.layout, devices)) continue;
      half.block = setting.estimator.block(cost::split_of(half.layout));
      all.push_back(std::move(half));
    }
  }
  return all;
}

const cost::LayerCost& layer_of(const Half& half) {
  return half.quest->task.model.experts.count ? half.block.mixture : half.block.dense;
}

double layer_seconds(const Half& half) {
  const cost::LayerCost& l = layer_of(half);
  double again = 0;
  if (half.layout.parallel.recompute == Recompute::full) again = l.forward.total();
  if (half.layout.parallel.recompute == Recompute::selective) again = l.selective;
  return l.forward.total() + l.backward.total() + again;
}

// Bytes of one layer on one rank with so many micro-batches in flight.
double layer_bytes(const Half& half, double waiting) {
  const cost::LayerCost& l = layer_of(half);
  const cost::Habits& h = half.quest->habits;
  const Parallel& p = half.layout.parallel;
  double team = std::max(1.0, double(p.dp) * p.tp / p.ep);
  double state = (h.weight_bytes + h.gradient_bytes) * (l.shared_parameters + l.expert_parameters) +
                 h.optimizer_bytes * (l.shared_parameters / p.dp + l.expert_parameters / team);
  double kept = p.recompute == Recompute::full        ? l.kept_full
                : p.recompute == Recompute::selective ? l.kept_selective
                                                      : l.kept;
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

StageSpeed speed_of(const Half& half, int stage, int stages) {
  double waiting = std::min(double(half.layout.micro_batches), double(stages - stage));
  bool first = stage == 0, last = stage == stages - 1;
  const cost::LayerCost& l = layer_of(half);
  double running = l.working + (half.layout.parallel.recompute == Recompute::full ? l.kept : 0);
  double room = half.setting->machine.memory - half.quest->habits.runtime_bytes -
                end_bytes(half, first, last, waiting) - 4 * half.block.message -
                half.quest->habits.fragmentation * running;
  StageSpeed s;
  if (first)
    s.fixed += half.block.embedding.forward.total() + half.block.embedding.backward.total();
  if (last)
    s.fixed +=
        half.block.head.forward.total() + half.block.head.backward.total() + half.block.head.loss;
  s.layer = layer_seconds(half);
  // More than four times the even part is never worth trying.
  int64_t layers = half.quest->task.model.layers + half.quest->task.model.prediction_layers;
  double most =
      std::clamp(room / layer_bytes(half, waiting), 0.0, 4.0 * double(layers) / stages + 2);
  s.most = int64_t(most);
  return s;
}

double exchange_seconds(const Half& half, int64_t layers) {
  const Parallel& p = half.layout.parallel;
  const cost::LayerCost& l = layer_of(half);
  double bytes = half.quest->habits.reduced_bytes * double(layers);
  double team = std::max(1.0, double(p.dp) * p.tp / p.ep);
  double time = cost::all_reduce_time(half.setting->machine, {double(p.dp), double(p.tp)},
                                      bytes * l.shared_parameters) +
                cost::all_reduce_time(half.setting->machine, {team, double(p.ep)},
                                      bytes * l.expert_parameters);
  return half.quest->habits.rates.data_exposed * time;
}

struct Timing {
  double step = 0, busy = 0, idle = 0, crossing = 0, exchange = 0;
  std::vector<int64_t> layers;
};

std::optional<Timing> time_of(const Half& a, const Half& b, const Way& way) {
  int stages = a.stages() + b.stages();
  const Model& model = a.quest->task.model;
  int64_t layers = model.layers + model.prediction_layers;
  if (stages > most_stages || stages > layers) return {};
  std::vector<StageSpeed> speeds;
  for (int s = 0; s < stages; ++s) speeds.push_back(speed_of(s < a.stages() ? a : b, s, stages));
  Timing t;
  t.layers = balance_layers(speeds, layers);
  if (t.layers.empty()) return {};
  double slow = 0, all = 0;
  for (size_t s = 0; s < speeds.size(); ++s) {
    double one = speeds[s].fixed + double(t.layers[s]) * speeds[s].layer;
    slow = std::max(slow, one);
    all += one;
    t.exchange =
        std::max(t.exchange, exchange_seconds(s < size_t(a.stages()) ? a : b, t.layers[s]));
  }
  // All replicas' activations of one micro-batch; gradients come back at the same time.
  const cost::Layout& l = a.layout;
  double bytes = double(l.parallel.dp) * double(l.micro_batch) * double(model.sequence) *
                 double(model.hidden) * bytes_of(l.precision);
  double hop = bytes / way.bandwidth.base();
  double m = double(l.micro_batches);
  t.busy = m * slow;
  t.idle = all - slow;
  t.crossing = m * std::max(0.0, hop - slow) + 2 * (hop + way.latency.base());
  int nodes = a.setting->machine.nodes + b.setting->machine.nodes;
  double straggling = 1 + a.quest->habits.rates.straggling * std::log2(double(nodes));
  t.step = (t.busy + t.idle + t.crossing + t.exchange + a.quest->habits.rates.step_s) * straggling;
  return t;
}

Share share_of(const Half& half, const Site& site, int64_t layers) {
  Share share;
  share.place = site.place;
  share.devices = ranks_of(half.layout.parallel);
  share.layers = layers;
  share.global_batch = int64_t(half.quest->task.global_batch);
  share.micro_batch = half.layout.micro_batch;
  share.accumulation = half.layout.micro_batches;
  share.parallel = half.layout.parallel;
  return share;
}

CrossPipeline written(const Half& a, const Half& b, const Timing& t, const Venue& first,
                      const Venue& last) {
  CrossPipeline out;
  Plan& plan = out.plan;
  const Workload& work = first.quest->workload;
  plan.workload = work;
  plan.place = first.site.place + " + " + last.site.place;
  plan.parallel = a.layout.parallel;
  plan.parallel.pp = a.stages() + b.stages();
  plan.micro_batch = a.layout.micro_batch;
  plan.accumulation = a.layout.micro_batches;
  plan.precision = a.layout.precision;
  plan.framework = first.site.framework;
  auto border = t.layers.begin() + a.stages();
  plan.shares = {share_of(a, first.site, std::accumulate(t.layers.begin(), border, int64_t(0))),
                 share_of(b, last.site, std::accumulate(border, t.layers.end(), int64_t(0)))};
  Forecast& f = plan.forecast;
  f.step_time = Seconds::of(t.step);
  double band = std::max(first.site.band, last.site.band) + 0.1;
  f.step_time_low = (1 - band) * f.step_time;
  f.step_time_high = (1 + band) * f.step_time;
  double rest = t.step - t.busy - t.idle - t.crossing - t.exchange;
  f.breakdown = {{OperationClass::gemm, Seconds::of(t.busy)},
                 {OperationClass::bubble, Seconds::of(t.idle)},
                 {OperationClass::communication, Seconds::of(t.crossing)},
                 {OperationClass::data_communication, Seconds::of(t.exchange)},
                 {OperationClass::other, Seconds::of(rest)}};
  f.tokens_per_s = double(work.train.global_batch) * double(work.model.sequence) / t.step;
  f.total_time = double(steps_of(work)) * f.step_time;
  f.energy_note = "not worked out for several islands";
  f.extrapolated = true;
  out.crossing = Seconds::of(t.crossing);
  return out;
}

}  // namespace

std::optional<CrossPipeline> cross_pipeline(const Venue& first, const Venue& last, const Way& way) {
  const Quest &qa = *first.quest, &qb = *last.quest;
  int64_t batch = int64_t(qa.task.global_batch);
  std::optional<CrossPipeline> best;
  for (int dp : divisors(batch))
    for (int64_t micro_batch = 1; micro_batch <= largest_micro_batch; micro_batch *= 2) {
      if ((batch / dp) % micro_batch) continue;
      for (Recompute recompute : {Recompute::none, Recompute::selective, Recompute::full}) {
        auto firsts = halves(qa, dp, micro_batch, recompute);
        auto lasts = halves(qb, dp, micro_batch, recompute);
        for (const Half& a : firsts)
          for (const Half& b : lasts) {
            auto t = time_of(a, b, way);
            if (!t || (best && t->step >= best->plan.forecast.step_time.base())) continue;
            best = written(a, b, *t, first, last);
          }
      }
    }
  return best;
}

}  // namespace heliu::planner
