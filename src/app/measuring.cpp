#include "app/measuring.h"

#include <fmt/core.h>

#include <optional>
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

// The island, and what the ledger knows of it if its processor is still the same.
struct Known {
  broker::World world;
  std::string processor;
  std::optional<Coefficients> coefficients;
};

Result<Known> look_up(Session& session, const Pool& pool, const std::string& island) {
  const Island* place = find_island(pool, island);
  if (!place) return fail(Error::Kind::not_found, "no such island: " + island);
  auto world = session.world();
  if (!world) return tl::unexpected(std::move(world.error()));
  auto latest = world->ledger.coefficients(island);
  if (!latest) return tl::unexpected(std::move(latest.error()));
  Known known{*world, processor_of(*place), std::move(*latest)};
  if (known.coefficients && known.coefficients->processor != known.processor)
    known.coefficients.reset();
  return known;
}

// Runs the bench job of one layout, and learns from it.
Result<Coefficients> learn(Session& session, broker::World& world, const Plan& plan,
                           Coefficients learned) {
  auto job = broker::submit(world, plan);
  if (!job) return tl::unexpected(std::move(job.error()));
  auto ended = listen(session, world, *job, [](const Record&) {});
  if (!ended) return tl::unexpected(std::move(ended.error()));
  if (*ended == Event::stopped) return fail(Error::Kind::job_failed, "measuring was stopped");
  auto records = world.ledger.records(job->id);
  if (!records) return tl::unexpected(std::move(records.error()));
  return cost::fit(std::move(learned), job->plan, *records);
}

}  // namespace

std::string processor_of(const Island& island) {
  const Processor& p = island.node.processor;
  return fmt::format("{}, {} cores", p.model, p.cores);
}

Result<Coefficients> measure(Session& session, const Pool& pool, const std::string& island,
                             Seconds duration) {
  auto known = look_up(session, pool, island);
  if (!known) return tl::unexpected(std::move(known.error()));
  Coefficients learned =
      known->coefficients.value_or(Coefficients{.island = island, .processor = known->processor});
  for (const Layout& layout : layouts(find_island(pool, island)->node.processor.cores)) {
    session.progress(session.text(Say::measuring, layout.ranks, layout.threads), true);
    auto more =
        learn(session, known->world, bench_plan(island, layout, duration), std::move(learned));
    if (!more) return more;
    learned = std::move(*more);
  }
  session.end_progress();
  learned.measured = session.clock().now();
  if (auto kept = known->world.ledger.append_coefficients(learned); !kept)
    return tl::unexpected(std::move(kept.error()));
  return learned;
}

Result<Coefficients> known_or_measured(Session& session, const Pool& pool,
                                       const std::string& island) {
  auto known = look_up(session, pool, island);
  if (!known) return tl::unexpected(std::move(known.error()));
  bool enough = known->coefficients && !known->coefficients->kernels.empty();
  return enough ? *known->coefficients : measure(session, pool, island, Bench{}.duration);
}

}  // namespace heliu::app
