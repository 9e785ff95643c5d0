#include "planner/relaxation.h"

#include <fmt/format.h>

#include <algorithm>

namespace heliu::planner {
namespace {

class Seeker {
 public:
  Seeker(const Pool& pool, const Workload& workload, const Catalog& catalog,
         const Calibration& calibration, const ClusterOptions& options)
      : pool_(pool),
        workload_(workload),
        catalog_(catalog),
        calibration_(calibration),
        options_(options) {
    options_.keep = 1;
  }

  std::vector<Relaxation> run() {
    limits();
    if (!found_.empty() && workload_.goal.deadline) more_nodes_of(found_.front().plan.place);
    wishes();
    if (!found_.empty()) return std::move(found_);
    sequence();
    batch();
    nodes();
    return std::move(found_);
  }

 private:
  std::optional<Plan> best(const Pool& pool, const Workload& workload) const {
    auto found = search_cluster(pool, workload, catalog_, calibration_, options_);
    if (!found || found->plans.empty()) return {};
    return std::move(found->plans.front());
  }
  bool attempt(const Workload& workload, std::string change) {
    auto plan = best(pool_, workload);
    if (plan) found_.push_back({std::move(change), std::move(*plan)});
    return plan.has_value();
  }

  // The least of each limited quantity that any plan reaches which keeps the other limits.
  void limits() {
    auto loosened = [&](Objective by, auto member, auto reached) {
      if (!(workload_.goal.*member)) return;
      Workload w = workload_;
      w.goal.minimize = by;
      (w.goal.*member).reset();
      auto plan = best(pool_, w);
      if (plan && reached(plan->forecast))
        found_.push_back(
            {change(by, print(*reached(plan->forecast)), print(*(workload_.goal.*member))),
             std::move(*plan)});
    };
    loosened(Objective::time, &Goal::deadline,
             [](const Forecast& f) { return std::optional(f.total_time); });
    loosened(Objective::cost, &Goal::budget, [](const Forecast& f) { return f.cost; });
    loosened(Objective::energy, &Goal::energy, [](const Forecast& f) { return f.energy; });
  }
  static std::string change(Objective by, const std::string& to, const std::string& from) {
    const char* what = by == Objective::time   ? "deadline"
                       : by == Objective::cost ? "budget"
                                               : "energy";
    return fmt::format("{} {} instead of {}", what, to, from);
  }

  template <class T>
  void wish(const char* name, std::optional<T> ParallelWish::*member) {
    if (!(workload_.parallel.*member)) return;
    Workload w = workload_;
    (w.parallel.*member).reset();
    attempt(w, fmt::format("without parallel.{}", name));
  }
  void wishes() {
    wish("tp", &ParallelWish::tp);
    wish("pp", &ParallelWish::pp);
    wish("dp", &ParallelWish::dp);
    wish("cp", &ParallelWish::cp);
    wish("ep", &ParallelWish::ep);
    wish("expert_tp", &ParallelWish::expert_tp);
    wish("vpp", &ParallelWish::vpp);
    wish("micro_batch", &ParallelWish::micro_batch);
    wish("devices", &ParallelWish::devices);
    wish("sharding", &ParallelWish::sharding);
    wish("recompute", &ParallelWish::recompute);
    wish("sequence_parallel", &ParallelWish::sequence_parallel);
    wish("zero_bubble", &ParallelWish::zero_bubble);
    wish("offload", &ParallelWish::offload);
    wish("flash_attention", &ParallelWish::flash_attention);
  }

  void sequence() {
    Workload w = workload_;
    for (w.model.sequence /= 2; w.model.sequence >= 256; w.model.sequence /= 2)
      if (attempt(w, fmt::format("sequence {} instead of {}", w.model.sequence,
                                 workload_.model.sequence)))
        return;
  }

  // The next larger batch that a power of two, or three of them, divides.
  void batch() {
    for (int64_t unit = 2; unit <= 4 * workload_.train.global_batch; unit *= 2) {
      Workload w = workload_;
      w.train.global_batch = (w.train.global_batch + unit - 1) / unit * unit;
      if (w.train.global_batch == workload_.train.global_batch) continue;
      if (attempt(w, fmt::format("global batch {} instead of {}", w.train.global_batch,
                                 workload_.train.global_batch)))
        return;
    }
  }

  // For each island the least number of nodes of its kind, by doubling and then halving the gap.
  void nodes() {
    for (size_t c = 0; c < pool_.centers.size(); ++c)
      for (size_t i = 0; i < pool_.centers[c].islands.size(); ++i)
        if (is_cluster(pool_.centers[c].islands[i])) more_nodes(c, i);
  }
  void more_nodes_of(const std::string& place) {
    const Island* island = find_island(pool_, place);
    for (size_t c = 0; c < pool_.centers.size(); ++c)
      for (size_t i = 0; i < pool_.centers[c].islands.size(); ++i)
        if (&pool_.centers[c].islands[i] == island) more_nodes(c, i);
  }
  void more_nodes(size_t c, size_t i) {
    const Island& island = pool_.centers[c].islands[i];
    int least = island.nodes, most = island.nodes;
    std::optional<Plan> plan;
    for (int tries = 0; !plan && tries < 12; ++tries) {
      least = most;
      plan = with_nodes(c, i, most *= 2);
    }
    if (!plan) return;
    while (most - least > std::max(1, least / 16)) {
      int middle = (least + most) / 2;
      auto smaller = with_nodes(c, i, middle);
      (smaller ? most : least) = middle;
      if (smaller) plan = std::move(smaller);
    }
    int used = (ranks_of(plan->parallel) + per_node(island) - 1) / per_node(island);
    found_.push_back({fmt::format("{} devices on {} instead of {}", used * per_node(island),
                                  plan->place, island.nodes * per_node(island)),
                      std::move(*plan)});
  }
  std::optional<Plan> with_nodes(size_t c, size_t i, int nodes) const {
    Pool pool;
    pool.name = pool_.name;
    pool.centers = {pool_.centers[c]};
    pool.centers[0].islands = {pool_.centers[c].islands[i]};
    pool.centers[0].islands[0].nodes = nodes;
    Workload w = workload_;
    w.parallel.devices.reset();
    return best(pool, w);
  }
  static int per_node(const Island& island) { return island.node.devices.front().count; }

  const Pool& pool_;
  const Workload& workload_;
  const Catalog& catalog_;
  const Calibration& calibration_;
  ClusterOptions options_;
  std::vector<Relaxation> found_;
};

}  // namespace

std::vector<Relaxation> relaxations(const Pool& pool, const Workload& workload,
                                    const Catalog& catalog, const Calibration& calibration,
                                    const ClusterOptions& options) {
  return Seeker(pool, workload, catalog, calibration, options).run();
}

}  // namespace heliu::planner
