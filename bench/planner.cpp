// How fast a plan is forecast and a space is searched, beside what is published of other tools.
//
//   heliu_bench_planner [THREADS]     (default: 2)
//
// Peers' figures were measured on a shared 2-core Sapphire Rapids machine, the tools run as their
// repositories have them: Calculon caa4b11 (20.5 ms a plan; 7,126,368 candidates in its default
// space for GPT-3 175B on 4,096 A100, about 13 CPU-hours by its rate on 7,392 of them), SimuMax
// v1.2 (113 ms a plan).
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "cost/fixture.h"
#include "host/catalog.h"
#include "planner/cluster_search.h"
#include "planner/fixture.h"
#include "spec/resolve.h"

using namespace heliu;

namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

template <class Work>
double seconds(const Work& work) {
  double begin = now();
  work();
  return now() - begin;
}

// Seconds of one call: the median of 201 batches of 50.
template <class Work>
double median(const Work& work) {
  std::vector<double> all;
  for (int batch = 0; batch < 201; ++batch)
    all.push_back(seconds([&] {
                    for (int i = 0; i < 50; ++i) work();
                  }) /
                  50);
  std::nth_element(all.begin(), all.begin() + 100, all.end());
  return all[100];
}

Result<Catalog> catalog() {
  auto files = host::system_files();
  return host::read_catalog(*files, host::catalog_folder());
}

Island a100s(int nodes) {
  Island i = planner::fixture::island("a100", "a100", nodes);
  i.failures.node_mtbf.reset();
  return i;
}

// The place where GPT-3 is planned: 4,096 A100, 200 Gb/s of network each.
struct Gpt3 {
  Pool pool = planner::fixture::pool({a100s(512)});
  Workload workload = planner::fixture::workload(planner::fixture::gpt3(), 4096, 1000);

  planner::Venue venue(const Catalog& catalog) const {
    Workload w = workload;
    w.parallel.devices = 4096;
    auto venue = planner::venue_of(pool, "site/a100", w, catalog, {}, {});
    if (!venue) {
      fmt::print(stderr, "{}\n", describe(venue.error()));
      std::exit(1);
    }
    return std::move(*venue);
  }
};

void one_plan(const Catalog& catalog) {
  planner::Venue venue = Gpt3().venue(catalog);
  const planner::Quest& quest = *venue.quest;
  const cost::Estimator& estimator = quest.settings.front().estimator;
  cost::Layout layout;
  layout.parallel = {.dp = 64, .tp = 8, .pp = 8, .vpp = 3};
  layout.parallel.sequence_parallel = true;
  layout.parallel.recompute = Recompute::selective;
  layout.micro_batches = 64;
  double sum = 0;
  double whole = median([&] { sum += estimator.estimate(layout).step; });
  cost::Block block = estimator.block(cost::split_of(layout));
  double memoised = median([&] { sum += estimator.estimate(layout, block).step; });
  planner::Candidate candidate{layout, 4096, 1, {}};
  double document =
      median([&] { sum += planner::plan_of(quest, candidate, venue.site).forecast.tokens_per_s; });
  fmt::print("A plan's full forecast: GPT-3 175B, TP8 PP8 DP64 VPP3 on 4,096 A100, one core\n");
  fmt::print("  time by class, memory, whether it fits   {:8.2f} us   bar 20 us, goal 2 us\n",
             whole * 1e6);
  fmt::print("  the same with its block at hand          {:8.2f} us\n", memoised * 1e6);
  fmt::print("  the plan document with all stages        {:8.2f} us\n", document * 1e6);
  fmt::print("  Calculon                                 20500    us   {:.0f} times ours\n",
             20.5e-3 / whole);
  fmt::print("  SimuMax                                  113000   us   {:.0f} times ours\n\n",
             113e-3 / whole);
  if (sum < 0) std::abort();  // keeps the work from being left out
}

void search(const char* title, planner::Quest quest, int threads, bool prune) {
  quest.prune = prune;
  planner::Findings found{planner::Shortlist(Objective::time, 1), {}, {}};
  double time = seconds([&] { found = planner::explore(quest, threads); });
  const planner::Counts& c = found.counts;
  fmt::print("  {:<46}{:>12}{:>11}{:>12}{:>11}{:>9.3f} s", title, c.candidates, c.too_large,
             c.bounded, c.evaluated, time);
  if (!found.list.best().empty()) fmt::print("{:>9.3f} s", found.list.best().front().step);
  fmt::print("\n");
}

void calculon_space(const Catalog& catalog, int threads) {
  fmt::print("GPT-3 175B on 4,096 A100, batch 4,096, {} threads; bar 20 s, goal 2 s\n", threads);
  fmt::print("  {:<46}{:>12}{:>11}{:>12}{:>11}{:>11}{:>11}\n", "space", "candidates", "no memory",
             "cannot win", "estimated", "search", "best step");
  planner::Quest all = *Gpt3().venue(catalog).quest;
  planner::Quest theirs = all;
  theirs.space.cp = {1};
  theirs.space.sharding = {Sharding::none, Sharding::zero1};
  theirs.space.sharding_group = {0};
  search("Calculon's dimensions", theirs, threads, true);
  search("  every one that fits estimated", theirs, threads, false);
  search("ours: and cp, ZeRO-2/3, sharding groups", all, threads, true);
  search("  every one that fits estimated", all, threads, false);
  all.space.zero_bubble = {false, true};
  all.space.flash_attention = {false, true};
  all.space.precision = {Precision::bf16, Precision::fp16};
  all.space.cp = {};
  all.space.sharding_group = {0};
  for (int group = 2; group <= 2048; group *= 2) all.space.sharding_group.push_back(group);
  search("all: and 16-bit formats, scores, any group", all, threads, true);
  search("  every one that fits estimated", all, threads, false);
  fmt::print(
      "  Calculon's default space has 7,126,368: the first row's layouts, each\n"
      "  - with 8 choices of network tier (at most 3 are valid; here layout decides),\n"
      "  - with 6 kinds of overlap (here the framework's habits, not a choice),\n"
      "  - with 3 offloads, together or apart (here one: the optimizer's state),\n"
      "  - with 3 ways of tensor-parallel exchange, one with 2 forms (here sequence parallelism, "
      "or not).\n"
      "  It builds each one anew: about 13 CPU-hours.\n\n");
}

void national_pool(const Catalog& catalog, int threads) {
  std::string path = HELIU_EXAMPLES "/pools/national.yaml";
  auto text = host::system_files()->read(path);
  auto pool = text ? read_pool({path, *text}, catalog) : tl::unexpected(text.error());
  if (!pool) {
    fmt::print("{}\n", describe(pool.error()));
    return;
  }
  Workload work = planner::fixture::workload(planner::fixture::deepseek_v3(), 15360, 100000);
  planner::Counts counts;
  planner::ClusterOptions options{.threads = threads};
  fmt::print(
      "DeepSeek-V3 671B on examples/pools/national.yaml (8 centers), {} threads; bar 60 s, goal 5 "
      "s\n",
      threads);
  double sum = 0;
  for (const Center& center : pool->centers)
    for (const Island& island : center.islands) {
      auto venue = planner::venue_of(center, island, work, catalog, {}, options);
      if (!venue || !venue->quest) continue;
      venue->quest->space.zero_bubble = {false, true};
      planner::Findings found{planner::Shortlist(Objective::time, 1), {}, {}};
      double time = seconds([&] { found = planner::explore(*venue->quest, threads); });
      sum += time;
      counts += found.counts;
      std::string best = "nothing fits";
      if (!found.list.best().empty()) {
        Plan plan = planner::plan_of(*venue->quest, found.list.best().front(), venue->site);
        best = fmt::format("{:.2f} s a step: {}", plan.forecast.step_time.base(), summary(plan));
      }
      fmt::print("  {:<22}{:>5} devices{:>12} candidates{:>8.3f} s   {}\n", venue->site.place,
                 venue->quest->space.devices.empty() ? 0 : venue->quest->space.devices.front(),
                 found.counts.candidates, time, best);
    }
  fmt::print(
      "  {:<22}{:>13}{:>12} candidates{:>8.3f} s   {} estimated, {} cannot win, {} too large\n\n",
      "together", "", counts.candidates, sum, counts.evaluated, counts.bounded, counts.too_large);
}

// The search that uses measured kernels, on an island of host processors.
void hosts(int nodes, int cores, int64_t global_batch) {
  Model model{.layers = 24, .hidden = 2048, .heads = 32, .sequence = 1024, .vocabulary = 50000};
  Workload work = cost::fixture::workload(model, global_batch, 1000);
  Pool pool;
  pool.centers = {{.name = "site", .islands = {cost::fixture::island(cores, 512.0_GB, nodes)}}};
  auto known = cost::fixture::steady(1e11, 1e10);
  planner::Abilities all{.max_tp = 1 << 20, .max_pp = 1 << 20, .max_nodes = 1 << 20};
  int64_t feasible = 0;
  double time = seconds([&] {
    auto found = planner::search(pool, "site/cpu", work, known, all);
    if (found) feasible = found->feasible;
  });
  fmt::print("  {} nodes x {} cores, measured kernels: {} plans forecast in {:.3f} s\n", nodes,
             cores, feasible, time);
}

}  // namespace

int main(int count, char** words) {
  int threads = count > 1 ? std::atoi(words[1]) : 2;
  auto known = catalog();
  if (!known) {
    fmt::print(stderr, "{}\n", describe(known.error()));
    return 1;
  }
  one_plan(*known);
  calculon_space(*known, threads);
  national_pool(*known, threads);
  fmt::print("Host islands\n");
  hosts(4, 64, 512);
  hosts(256, 128, 4096);
}
