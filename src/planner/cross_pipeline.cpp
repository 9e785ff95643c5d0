// The step is cost::Estimator's, stage by stage: m micro-batches through the slowest stage, what
// the others take once, sends between stages, then gradients and optimizer of the slowest exchange.
// What differs is that stages may have unlike chips and layers, and one send goes over the way
// between.
#include "planner/cross_pipeline.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cost/network.h"
#include "planner/half_pipeline.h"

namespace heliu::planner {
namespace {

constexpr int64_t largest_micro_batch = 4;

struct Timing {
  cost::Estimate estimate;  // seconds by class
  double crossing = 0;      // of its pipeline communication
  std::vector<int64_t> layers;
};

// Seconds of one send between stages of the same island.
double hop_of(const Half& half) {
  const Parallel& p = half.layout.parallel;
  if (p.pp < 2) return 0;
  return cost::send_time(half.setting->machine, double(p.tp) * p.dp, half.block.message);
}

double sends_inside(const Half& a, const Half& b) {
  double exposed = a.quest->habits.rates.pipeline_exposed, m = double(a.layout.micro_batches);
  return exposed * std::max(hop_of(a), hop_of(b)) * 2 * m +
         2 * (hop_of(a) * (a.stages() - 1) + hop_of(b) * (b.stages() - 1));
}

// All replicas' activations of one micro-batch cross; gradients come back at the same time.
double crossing_of(const Half& a, const Way& way, double slow) {
  const cost::Layout& l = a.layout;
  const Model& model = a.quest->task.model;
  double bytes = double(l.parallel.dp) * double(l.micro_batch) * double(model.sequence) *
                 double(model.hidden) * bytes_of(l.precision);
  double hop = bytes / way.bandwidth.base();
  return double(l.micro_batches) * std::max(0.0, hop - slow) + 2 * (hop + way.latency.base());
}

void add_busy(cost::Estimate& e, const StageWork& slow, double m) {
  using enum OperationClass;
  e[gemm] = m * (slow.forward.matmul + slow.backward.matmul);
  e[attention] = m * (slow.forward.attention + slow.backward.attention);
  e[elementwise] = m * (slow.forward.elementwise + slow.backward.elementwise);
  e[loss] = m * slow.loss;
  e[recompute] = m * slow.recompute;
  e[tensor_communication] = m * (slow.forward.tensor + slow.backward.tensor);
  e[expert_communication] = m * (slow.forward.expert + slow.backward.expert);
  e[other] = m * (slow.forward.host + slow.backward.host);
}

std::optional<Timing> time_of(const Half& a, const Half& b, const Way& way) {
  using enum OperationClass;
  int stages = a.stages() + b.stages();
  const Model& model = a.quest->task.model;
  int64_t layers = model.layers + model.prediction_layers;
  if (stages > most_stages || stages > layers) return {};
  auto half = [&](int s) -> const Half& { return s < a.stages() ? a : b; };
  std::vector<StageSpeed> speeds;
  for (int s = 0; s < stages; ++s) speeds.push_back(speed_of(half(s), s, stages));
  Timing t;
  t.layers = balance_layers(speeds, layers);
  if (t.layers.empty()) return {};

  StageWork slow;
  double all = 0;
  cost::Estimate& e = t.estimate;
  for (int s = 0; s < stages; ++s) {
    StageWork one = work_of(half(s), t.layers[size_t(s)], s, stages);
    all += one.total();
    e[data_communication] = std::max(e[data_communication], exchange_seconds(half(s), one));
    e[optimizer] = std::max(e[optimizer], update_seconds(half(s), one));
    if (one.total() > slow.total()) slow = one;
  }
  add_busy(e, slow, double(a.layout.micro_batches));
  e[bubble] = all - slow.total();
  t.crossing = crossing_of(a, way, slow.total());
  e[pipeline_communication] = sends_inside(a, b) + t.crossing;
  const auto& rates = a.quest->habits.rates;
  e[other] += rates.step_s;
  double nodes = a.setting->machine.nodes + b.setting->machine.nodes;
  double sum = std::accumulate(e.seconds.begin(), e.seconds.end(), 0.0);
  e[other] += sum * rates.straggling * std::log2(nodes);
  e.step = std::accumulate(e.seconds.begin(), e.seconds.end(), 0.0);
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
  f.step_time = Seconds::of(t.estimate.step);
  double band = std::max(first.site.band, last.site.band) + 0.1;
  f.step_time_low = (1 - band) * f.step_time;
  f.step_time_high = (1 + band) * f.step_time;
  for (size_t i = 0; i < operation_class_count; ++i)
    if (t.estimate.seconds[i] > 0)
      f.breakdown.push_back({OperationClass(i), Seconds::of(t.estimate.seconds[i])});
  f.tokens_per_s = double(work.train.global_batch) * double(work.model.sequence) / t.estimate.step;
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
            if (!t || (best && t->estimate.step >= best->plan.forecast.step_time.base())) continue;
            best = written(a, b, *t, first, last);
          }
      }
    }
  return best;
}

}  // namespace heliu::planner
