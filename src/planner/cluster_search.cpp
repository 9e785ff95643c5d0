#include "planner/cluster_search.h"

#include <fmt/format.h>

#include <algorithm>

namespace heliu::planner {
namespace {

Result<void> check(const Workload& w) {
  auto bad = [](std::string message, std::string hint) {
    return fail(
        {.kind = Error::Kind::bad_input, .message = std::move(message), .hint = std::move(hint)});
  };
  if (!is_training(w)) return bad("only training is planned on a cluster", "kind: train");
  if (w.train.global_batch < 1 || w.model.layers < 1 || w.model.heads < 1 || w.model.hidden < 1 ||
      w.model.sequence < 1)
    return bad("planning needs model.layers, hidden, heads, sequence and train.global_batch",
               "heliu explain workload.model");
  if (w.model.vocabulary < 1)
    return bad("planning on a cluster needs the model's vocabulary", "model.vocabulary: 51200");
  if (steps_of(w) < 1)
    return bad("planning needs train.steps or train.tokens", "train.tokens: 1e12");
  return {};
}

// What the goal asks for and this island cannot say.
std::string unknown_worth(const Goal& goal, const Island& island, const cost::Machine& machine) {
  if ((goal.minimize == Objective::cost || goal.budget) && !island.price)
    return "its price is not known";
  if ((goal.minimize == Objective::energy || goal.energy) && machine.device_power <= 0)
    return "its chip's power is not known";
  return "";
}

std::string why_nothing(const Findings& found, const Quest& quest) {
  if (quest.space.devices.empty()) return "it has fewer devices than the workload asks for";
  const Counts& c = found.counts;
  if (c.candidates == 0) return "no layout divides the model, the batch and the devices";
  if (!found.list.front().empty()) {
    std::string text;
    for (const Rejection& one : found.rejected)
      text += fmt::format("{}{} layouts: {}", text.empty() ? "" : "; ", one.count, one.reason);
    return text;
  }
  if (c.too_large) return "no layout fits into its devices' memory";
  return "no layout keeps the rules of whole numbers";
}

struct Ranked {
  Plan plan;
  Candidate candidate;
};

bool comes_first(const Ranked& a, const Ranked& b, Objective by) {
  double mine = part(a.candidate.score, by), theirs = part(b.candidate.score, by);
  return mine != theirs ? mine < theirs : a.candidate.step < b.candidate.step;
}

void number(ClusterSearch& found) {
  int next = 1;
  auto same = [](const Plan& a, const Plan& b) {
    return a.place == b.place && a.parallel == b.parallel && a.micro_batch == b.micro_batch;
  };
  std::vector<const Plan*> named;
  auto name = [&](Plan& plan) {
    for (const Plan* one : named)
      if (same(*one, plan)) {
        plan.id = one->id;
        return;
      }
    plan.id = fmt::format("p{}", next++);
    named.push_back(&plan);
  };
  for (Plan& plan : found.plans) name(plan);
  for (Plan& plan : found.front) name(plan);
  for (IslandFindings& island : found.islands)
    if (island.best) name(*island.best);
}

// Kinds that a search keeps so that `shown` are left without twins: two more for each, for what is
// sharded or recomputed often makes no difference. Of one, the first is enough.
size_t kinds_for(size_t shown) { return shown > 1 ? 3 * shown : 1; }

// Whether a plan that none dominates saves enough over another to be worth a line of its own.
bool saves(const Score& mine, const Score& other) {
  constexpr double worth_it = 1 - 0.005;
  return mine.time < worth_it * other.time || mine.cost < worth_it * other.cost ||
         mine.energy < worth_it * other.energy;
}

class Gatherer {
 public:
  Gatherer(Objective by, size_t keep) : by_(by), keep_(keep) {}

  void add(const Venue& venue, const Findings& found) {
    IslandFindings one{venue.site.place, {}, "", found.counts, found.rejected};
    for (const Candidate& c : without_twins(found.list.best(), keep_))
      best_.push_back({plan_of(*venue.quest, c, venue.site), c});
    for (const Candidate& c : found.list.front())
      if (!broken_limit(venue.quest->workload.goal, c.score))
        front_.push_back({plan_of(*venue.quest, c, venue.site), c});
    if (found.list.best().empty())
      one.why_not = why_nothing(found, *venue.quest);
    else
      one.best = plan_of(*venue.quest, found.list.best().front(), venue.site);
    out_.counts += found.counts;
    out_.islands.push_back(std::move(one));
  }
  void skip(const Venue& venue) {
    out_.islands.push_back({venue.site.place, {}, venue.why_not, {}, {}});
  }

  ClusterSearch finish() {
    sort(best_, by_);
    if (best_.size() > keep_) best_.resize(keep_);
    for (Ranked& one : best_) out_.plans.push_back(std::move(one.plan));
    sort(front_, Objective::time);
    std::vector<Score> shown;
    for (const Ranked& one : front_) {
      const Score& mine = one.candidate.score;
      bool beaten = std::any_of(front_.begin(), front_.end(), [&](const Ranked& other) {
        return dominates(other.candidate.score, mine);
      });
      if (beaten || std::any_of(shown.begin(), shown.end(),
                                [&](const Score& other) { return !saves(mine, other); }))
        continue;
      shown.push_back(mine);
      out_.front.push_back(one.plan);
    }
    number(out_);
    return std::move(out_);
  }

 private:
  static void sort(std::vector<Ranked>& all, Objective by) {
    std::stable_sort(all.begin(), all.end(),
                     [by](const Ranked& a, const Ranked& b) { return comes_first(a, b, by); });
  }

  Objective by_;
  size_t keep_;
  ClusterSearch out_;
  std::vector<Ranked> best_, front_;
};

}  // namespace

bool is_cluster(const Island& island) { return !island.node.devices.empty(); }

Result<Venue> venue_of(const Center& center, const Island& island, const Workload& workload,
                       const Catalog& catalog, const Calibration& calibration,
                       const ClusterOptions& options) {
  Venue venue;
  venue.site = site_of(center, island, options.framework, catalog, calibration);
  auto machine = cost::machine(island, catalog, calibration);
  if (!machine) return tl::unexpected(std::move(machine.error()));
  venue.why_not = unknown_worth(workload.goal, island, *machine);
  if (!venue.why_not.empty()) return venue;
  cost::Habits habits = cost::habits(options.framework, calibration);
  Space space = space_for(workload, *machine, habits);
  for (Precision precision : space.precision)
    if (!machine->knows(precision)) {
      venue.why_not = fmt::format("its chip has no {}", name(precision));
      return venue;
    }
  venue.quest = quest_for(workload, center, island, *machine, habits, std::move(space),
                          kinds_for(options.keep));
  return venue;
}

Result<Venue> venue_of(const Pool& pool, const std::string& place, const Workload& workload,
                       const Catalog& catalog, const Calibration& calibration,
                       const ClusterOptions& options) {
  const Island* wanted = find_island(pool, place);
  for (const Center& center : pool.centers)
    for (const Island& island : center.islands)
      if (&island == wanted)
        return venue_of(center, island, workload, catalog, calibration, options);
  return fail(Error::Kind::not_found,
              fmt::format("the pool {} has no island {}", pool.name, place));
}

Result<ClusterSearch> search_cluster(const Pool& pool, const Workload& workload,
                                     const Catalog& catalog, const Calibration& calibration,
                                     const ClusterOptions& options) {
  if (auto good = check(workload); !good) return tl::unexpected(std::move(good.error()));
  Gatherer gatherer(workload.goal.minimize, std::max<size_t>(1, options.keep));
  bool any = false;
  for (const Center& center : pool.centers)
    for (const Island& island : center.islands) {
      if (!is_cluster(island)) continue;
      any = true;
      auto venue = venue_of(center, island, workload, catalog, calibration, options);
      if (!venue) return tl::unexpected(std::move(venue.error()));
      if (venue->quest)
        gatherer.add(*venue, explore(*venue->quest, options.threads));
      else
        gatherer.skip(*venue);
    }
  if (!any)
    return fail(Error::Kind::not_found,
                fmt::format("the pool {} has no island with accelerators", pool.name));
  return gatherer.finish();
}

}  // namespace heliu::planner
