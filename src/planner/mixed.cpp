#include "planner/mixed.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "planner/cross_pipeline.h"
#include "planner/wan.h"

namespace heliu::planner {
namespace {

constexpr size_t most_together = 8;
constexpr int64_t parts_tried[] = {8, 16, 32, 64};
constexpr int64_t rounds_tried[] = {8, 16, 32, 64, 128, 256, 512};
constexpr double crossing_allowed = 0.05;  // of a step, by averaging

class Mixer {
 public:
  Mixer(const Pool& pool, const Workload& workload, const Catalog& catalog,
        const Calibration& calibration, const ClusterOptions& options)
      : pool_(pool),
        workload_(workload),
        catalog_(catalog),
        calibration_(calibration),
        options_(options) {
    options_.keep = 1;
    workload_.goal.deadline.reset();
    workload_.goal.budget.reset();
    workload_.goal.energy.reset();
    workload_.goal.minimize = Objective::time;
  }

  Result<std::vector<MixedPlan>> run() {
    auto alone = search_cluster(pool_, workload_, catalog_, calibration_, options_);
    if (!alone) return tl::unexpected(std::move(alone.error()));
    for (const IslandFindings& one : alone->islands)
      if (one.best) islands_.push_back({one.place, one.best->forecast.tokens_per_s});
    std::stable_sort(islands_.begin(), islands_.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    if (!alone->plans.empty()) alone_ = alone->plans.front().forecast.tokens_per_s;
    std::vector<MixedPlan> all;
    for (MixedKind kind : {MixedKind::data, MixedKind::averaged})
      if (auto plan = best_shared(kind)) all.push_back(std::move(*plan));
    if (auto plan = best_pipeline()) all.push_back(std::move(*plan));
    std::stable_sort(all.begin(), all.end(), [](const MixedPlan& a, const MixedPlan& b) {
      return a.plan.forecast.step_time < b.plan.forecast.step_time;
    });
    return all;
  }

 private:
  // An island's best plan for so many sequences a step; null where it has none.
  const Plan* best_of(const std::string& place, int64_t batch) {
    auto [known, is_new] = best_.try_emplace({place, batch});
    if (is_new) {
      Workload w = workload_;
      w.train.global_batch = batch;
      w.train.steps = std::max<int64_t>(1, steps_of(workload_));
      auto venue = venue_of(pool_, place, w, catalog_, calibration_, options_);
      if (venue && venue->quest) {
        Findings found = explore(*venue->quest, options_.threads);
        if (!found.list.best().empty())
          known->second = plan_of(*venue->quest, found.list.best().front(), venue->site);
      }
    }
    return known->second ? &*known->second : nullptr;
  }

  std::optional<MixedPlan> best_shared(MixedKind kind) {
    std::optional<MixedPlan> best;
    for (size_t count = 2; count <= std::min(islands_.size(), most_together); ++count)
      for (int64_t parts : parts_tried) {
        if (workload_.train.global_batch % parts) continue;
        auto one = shared(kind, count, parts);
        if (one && (!best || one->plan.forecast.step_time < best->plan.forecast.step_time))
          best = std::move(one);
      }
    return best;
  }

  std::optional<MixedPlan> shared(MixedKind kind, size_t count, int64_t parts) {
    std::vector<double> speeds;
    std::vector<std::string> places;
    for (size_t i = 0; i < count; ++i) {
      places.push_back(islands_[i].first);
      speeds.push_back(islands_[i].second);
    }
    auto shares = shares_by_speed(speeds, parts);
    if (shares.empty()) return {};
    int64_t unit = workload_.train.global_batch / parts;
    std::vector<const Plan*> plans;
    Seconds slowest;
    for (size_t i = 0; i < count; ++i) {
      plans.push_back(best_of(places[i], unit * shares[i]));
      if (!plans.back()) return {};
      slowest = std::max(slowest, plans.back()->forecast.step_time);
    }
    // Gradients cross in 16 bits, averaged weights in 32.
    double parameters = double(parameter_count(workload_.model));
    double bytes = kind == MixedKind::data ? 2 : 4;
    auto crossing = ring_sum(pool_, places, Bytes::of(bytes * parameters));
    if (!crossing) return {};
    int64_t rounds = 0;
    if (kind == MixedKind::averaged) {
      for (int64_t one : rounds_tried) {
        rounds = one;
        if (*crossing / double(one) <= crossing_allowed * slowest) break;
      }
      *crossing /= double(rounds);
    }
    MixedPlan mixed{kind, joined(plans), *crossing, 0};
    mixed.plan.outer_steps = rounds;
    finish(mixed, slowest);
    return mixed;
  }

  static Share share_of(const Plan& plan) {
    return {plan.place,
            ranks_of(plan.parallel),
            plan.workload.model.layers,
            plan.workload.train.global_batch,
            plan.micro_batch,
            plan.accumulation,
            plan.parallel,
            plan.forecast.step_time};
  }

  // The plan of the first, with all shares, and what all together use.
  Plan joined(const std::vector<const Plan*>& plans) const {
    Plan out = *plans.front();
    out.workload = workload_;
    out.place.clear();
    for (const Plan* one : plans) {
      out.place += (out.place.empty() ? "" : " + ") + one->place;
      out.shares.push_back(share_of(*one));
      out.forecast.memory = std::max(out.forecast.memory, one->forecast.memory);
      out.forecast.extrapolated = out.forecast.extrapolated || one->forecast.extrapolated;
    }
    out.forecast.stages.clear();
    out.forecast.cost.reset();
    out.forecast.energy.reset();
    out.forecast.energy_note = "not worked out for several islands";
    out.forecast.carbon.reset();
    out.forecast.goodput.reset();
    out.forecast.checkpoint_interval.reset();
    return out;
  }

  // Of the slowest share, then the crossing; all islands are paid for as long as it takes.
  void finish(MixedPlan& mixed, Seconds slowest) const {
    Forecast& f = mixed.plan.forecast;
    double band = f.step_time > Seconds{} ? 1 - f.step_time_low / f.step_time : 0.25;
    Seconds own = f.step_time;
    f.step_time = slowest + mixed.crossing;
    f.step_time_low = (1 - band) * f.step_time;
    f.step_time_high = (1 + band) * f.step_time;
    f.breakdown.push_back({OperationClass::stall, slowest - own});
    f.breakdown.push_back({OperationClass::communication, mixed.crossing});
    double tokens = double(workload_.train.global_batch) * double(workload_.model.sequence);
    f.tokens_per_s = tokens / f.step_time.base();
    f.total_time = double(steps_of(workload_)) * f.step_time;
    price(mixed.plan);
    mixed.gain = alone_ > 0 ? f.tokens_per_s / alone_ - 1 : 0;
  }

  void price(Plan& plan) const {
    Yuan sum;
    for (const Share& share : plan.shares) {
      const Island* island = find_island(pool_, share.place);
      if (!island || !island->price) return;
      sum += double(share.devices) * *island->price * plan.forecast.total_time;
    }
    plan.forecast.cost = sum;
  }

  std::optional<MixedPlan> best_pipeline() {
    std::optional<MixedPlan> best;
    size_t count = std::min(islands_.size(), most_together);
    for (size_t a = 0; a < count; ++a)
      for (size_t b = 0; b < count; ++b) {
        if (a == b) continue;
        auto way = way_between(pool_, islands_[a].first, islands_[b].first);
        if (!way) continue;
        auto first =
            venue_of(pool_, islands_[a].first, workload_, catalog_, calibration_, options_);
        auto last = venue_of(pool_, islands_[b].first, workload_, catalog_, calibration_, options_);
        if (!first || !last || !first->quest || !last->quest) continue;
        auto found = cross_pipeline(*first, *last, *way);
        if (!found) continue;
        MixedPlan one{MixedKind::pipeline, std::move(found->plan), found->crossing, 0};
        price(one.plan);
        one.gain = alone_ > 0 ? one.plan.forecast.tokens_per_s / alone_ - 1 : 0;
        if (!best || one.plan.forecast.step_time < best->plan.forecast.step_time)
          best = std::move(one);
      }
    return best;
  }

  const Pool& pool_;
  Workload workload_;
  const Catalog& catalog_;
  const Calibration& calibration_;
  ClusterOptions options_;
  std::vector<std::pair<std::string, double>> islands_;  // with their speed alone, fastest first
  double alone_ = 0;
  std::map<std::pair<std::string, int64_t>, std::optional<Plan>> best_;
};

}  // namespace

Result<std::vector<MixedPlan>> search_mixed(const Pool& pool, const Workload& workload,
                                            const Catalog& catalog, const Calibration& calibration,
                                            const ClusterOptions& options) {
  return Mixer(pool, workload, catalog, calibration, options).run();
}

}  // namespace heliu::planner
