#include "app/measuring.h"

#include <fmt/core.h>

#include <set>

#include "app/listening.h"
#include "broker/submission.h"
#include "cost/fit.h"

namespace heliu::app {
namespace {

struct Layout {
  int ranks, threads;
  auto operator<=>(const Layout&) const = default;
};

// One core alone, all cores in one rank, a rank for each core, and the middle between the two.
std::set<Layout> layouts(int cores) {
  int half = 1;
  while (half * half < cores) half *= 2;
  std::set<Layout> all{{1, 1}, {1, cores}, {cores, 1}};
  if (half > 1 && half < cores) all.insert({half, cores / half});
  return all;
}

Plan bench_plan(const std::string& island, const Layout& layout, Seconds duration) {
  Plan plan;
  plan.workload.name = "bench";
  plan.workload.kind = WorkloadKind::bench;
  plan.workload.bench.duration = duration;
  plan.place = island;
  plan.backend = "cpu";
  plan.parallel.dp = layout.ranks;
  plan.threads = layout.threads;
  plan.reason = "measures this layout";
  return plan;
}

}  // namespace

std::string processor_of(const Island& island) {
  const Processor& p = island.node.processor;
  return fmt::format("{}, {} cores", p.model, p.cores);
}

Result<Coefficients> measure(Session& session, const Pool& pool, const std::string& island, Seconds duration) {
  const Island* place = find_island(pool, island);
  if (!place) return fail(Error::Kind::not_found, "no such island: " + island);
  auto world = session.world();
  if (!world) return tl::unexpected(std::move(world.error()));
  auto known = world->ledger.coefficients(island);
  if (!known) return tl::unexpected(std::move(known.error()));
  std::string processor = processor_of(*place);
  bool same = *known && (*known)->processor == processor;
  Coefficients learned = same ? **known : Coefficients{.island = island, .processor = processor};

  for (const Layout& layout : layouts(place->node.processor.cores)) {
    Plan plan = bench_plan(island, layout, duration);
    auto job = broker::submit(*world, plan);
    if (!job) return tl::unexpected(std::move(job.error()));
    session.progress(session.text(Say::measuring, layout.ranks, layout.threads), true);
    auto ended = listen(session, *world, *job, [](const Record&) {});
    if (!ended) return tl::unexpected(std::move(ended.error()));
    if (*ended == Event::stopped) return fail(Error::Kind::job_failed, "measuring was stopped");
    auto records = world->ledger.records(job->id);
    if (!records) return tl::unexpected(std::move(records.error()));
    learned = cost::fit(std::move(learned), job->plan, *records);
  }
  session.end_progress();
  learned.measured = session.clock().now();
  if (auto kept = world->ledger.append_coefficients(learned); !kept) return tl::unexpected(std::move(kept.error()));
  return learned;
}

Result<Coefficients> known_or_measured(Session& session, const Pool& pool, const std::string& island) {
  const Island* place = find_island(pool, island);
  if (!place) return fail(Error::Kind::not_found, "no such island: " + island);
  auto world = session.world();
  if (!world) return tl::unexpected(std::move(world.error()));
  auto known = world->ledger.coefficients(island);
  if (!known) return tl::unexpected(std::move(known.error()));
  if (*known && (*known)->processor == processor_of(*place) && !(*known)->kernels.empty()) return **known;
  return measure(session, pool, island, Bench{}.duration);
}

}  // namespace heliu::app
