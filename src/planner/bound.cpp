// For one micro-batch the slowest stage takes at least what each of four stages takes (first,
// second, typical, last), and all stages together what their layers and the two ends take. A
// pipeline's time
//
//   m slowest + (all - slowest) / v
//
// grows with both, so that their lower bounds give one of it.
#include "planner/bound.h"

#include <algorithm>
#include <cmath>

namespace heliu::planner {
namespace {

// Sums are formed in another order than in the estimate.
constexpr double rounding = 1 - 1e-9;

struct Work {
  double total = 0, computing = 0;
};

double computing(const cost::Pass& pass) { return pass.matmul + pass.attention + pass.elementwise; }

Work layer_work(const cost::LayerCost& layer, Recompute recompute, const cost::Habits& habits) {
  double again = cost::recompute_time(layer, habits, recompute);
  double of_it = recompute == Recompute::full ? computing(layer.forward) : again;
  return {layer.forward.total() + layer.backward.total() + again,
          computing(layer.forward) + computing(layer.backward) + of_it};
}

Work end_work(const cost::EndCost& end) {
  return {end.forward.total() + end.backward.total() + end.loss,
          computing(end.forward) + computing(end.backward) + end.loss};
}

// Of each stage of a layout.
class Stages {
 public:
  Stages(const Model& model, const Parallel& parallel, const cost::Block& block,
         const cost::Habits& habits)
      : m_(model),
        p_(parallel),
        dense_(layer_work(block.dense, parallel.recompute, habits)),
        mixture_(model.experts.count ? layer_work(block.mixture, parallel.recompute, habits)
                                     : dense_),
        embedding_(end_work(block.embedding)),
        head_(end_work(block.head)) {}

  Work operator[](int index) const {
    double layers = cost::layers_of_stage(m_, p_, index);
    double plain = cost::dense_layers_of_stage(m_, p_, index);
    Work w{plain * dense_.total + (layers - plain) * mixture_.total,
           plain * dense_.computing + (layers - plain) * mixture_.computing};
    auto add = [&](const Work& end) {
      w.total += end.total;
      w.computing += end.computing;
    };
    if (index == 0) add(embedding_);
    if (index == p_.pp - 1) add(head_);
    return w;
  }
  double all() const {
    auto layers = double(m_.layers + m_.prediction_layers), mixtures = double(expert_layers(m_));
    return (layers - mixtures) * dense_.total + mixtures * mixture_.total + embedding_.total +
           head_.total;
  }

 private:
  const Model& m_;
  const Parallel& p_;
  Work dense_, mixture_, embedding_, head_;
};

}  // namespace

double stage_seconds(const Model& model, const cost::Layout& layout, const cost::Block& block,
                     const cost::Habits& habits, int stage) {
  return Stages(model, layout.parallel, block, habits)[stage].total;
}

Bound at_least(const Model& model, const cost::Layout& layout, const cost::Block& block,
               const cost::Habits& habits, const cost::Machine& machine) {
  const Parallel& p = layout.parallel;
  Stages stage(model, p, block, habits);
  Work first = stage[0], last = p.pp > 1 ? stage[p.pp - 1] : first;
  Work second = p.pp > 2 ? stage[1] : first;
  Work middle = p.pp > 2 ? stage[cost::typical_stage(model, p)] : first;
  double slow = std::max({first.total, last.total, second.total, middle.total});
  double all = stage.all();
  double micro = double(layout.micro_batches);
  double idle = std::max(0.0, all - slow) / p.vpp * (p.zero_bubble ? 1.0 / 3 : 1);
  double busy = std::min({first.computing, last.computing, second.computing, middle.computing});
  double straggling = 1 + habits.rates.straggling * std::log2(double(machine.nodes));
  return {(micro * slow + idle + habits.rates.step_s) * straggling * rounding,
          micro * busy * rounding};
}

}  // namespace heliu::planner
