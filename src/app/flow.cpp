#include "app/flow.h"

#include <filesystem>

#include "app/foreign.h"
#include "app/listening.h"
#include "app/measuring.h"
#include "app/narration.h"
#include "broker/submission.h"
#include "cost/fit.h"
#include "cost/forecast.h"
#include "host/discover.h"
#include "train/run.h"

namespace heliu::app {

planner::Abilities abilities() {
  return {.max_tp = 1024,
          .max_pp = 1,
          .max_nodes = 1,
          .precisions = {Precision::fp32, Precision::bf16},
          .backends = {"cpu"}};
}

Result<Workload> load_workload(Session& session, const std::string& path) {
  auto text = session.files().read(path);
  if (!text) return tl::unexpected(std::move(text.error()).during("reading the workload"));
  auto workload = workload_of(session, {path, *text});
  if (!workload) return workload;
  std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
  for (std::string& file : workload->data.text) file = (folder / file).lexically_normal().string();
  return workload;
}

Result<Pool> discover(Session& session) {
  auto pool = host::discover(session.files());
  if (pool) tell_pool(session, *pool);
  return pool;
}

Result<Proposal> propose(Session& session, Workload workload) {
  // What there is, and how fast it is: measured once by jobs of its own, then remembered.
  auto pool = discover(session);
  if (!pool) return tl::unexpected(std::move(pool.error()));
  auto coefficients = known_or_measured(session, *pool, session.request().island);
  if (!coefficients) return tl::unexpected(std::move(coefficients.error()));
  tell_coefficients(session, *coefficients);

  // What the data decides about the model; then every plan, forecast and ranked.
  auto complete =
      workload.data.text.empty() ? std::move(workload) : train::complete(std::move(workload));
  if (!complete) return tl::unexpected(std::move(complete.error()));
  auto search = planner::search(*pool, session.request().island, *complete, *coefficients,
                                abilities(), size_t(session.request().keep));
  if (!search) return tl::unexpected(std::move(search.error()));
  tell_plans(session, *search);
  return Proposal{std::move(*pool), std::move(*coefficients), std::move(*complete),
                  std::move(*search)};
}

Result<Report> carry_out(Session& session, const ledger::Job& job) {
  auto world = session.world();
  if (!world) return tl::unexpected(std::move(world.error()));

  // Ranks start, and are listened to until they end. The ledger has every record before we do.
  Narrator narrator(session, job);
  auto ended = listen(session, *world, job, [&](const Record& record) { narrator.hear(record); });
  session.end_progress();
  if (!ended) return tl::unexpected(std::move(ended.error()));
  auto records = world->ledger.records(job.id);
  if (!records) return tl::unexpected(std::move(records.error()));
  Report result = report(job.plan, *records);
  if (*ended == Event::stopped) return result;

  // What was measured corrects the next promise.
  auto known = world->ledger.coefficients(job.plan.place);
  auto pool = host::discover(session.files());
  if (!known || !*known || !pool) return result;
  Coefficients learned = cost::fit(**known, job.plan, *records);
  if (auto kept = world->ledger.append_coefficients(learned); !kept)
    return tl::unexpected(std::move(kept.error()));
  if (const Island* island = find_island(*pool, job.plan.place))
    if (auto next = cost::forecast(*island, job.plan.workload, job.plan, learned))
      result.next = *next;
  return result;
}

Result<Report> run(Session& session, Workload workload) {
  if (auto can = runnable(workload.model); !can) return tl::unexpected(std::move(can.error()));
  auto world = session.world();
  if (!world) return tl::unexpected(std::move(world.error()));

  // A job of this very workload that did not finish goes on, unless asked otherwise.
  auto complete = train::complete(workload);
  if (!complete) return tl::unexpected(std::move(complete.error()));
  auto earlier = world->ledger.latest_by_fingerprint(fingerprint(*complete));
  if (!earlier) return tl::unexpected(std::move(earlier.error()));
  if (*earlier && !session.request().fresh && !session.request().dry_run) {
    broker::Standing standing = broker::standing(**earlier);
    if (standing == broker::Standing::running)
      return fail(Error::Kind::unreachable,
                  (*earlier)->id + " of this workload is running; --fresh starts another");
    if (broker::can_resume(standing)) {
      session.hint(session.text(Say::unfinished_job, (*earlier)->id, broker::name(standing)));
      return carry_out(session, **earlier);
    }
  }

  // Otherwise: plan, write the job down, do it.
  auto proposal = propose(session, std::move(workload));
  if (!proposal) return tl::unexpected(std::move(proposal.error()));
  const Plan& best = proposal->search.plans.front();
  if (session.request().dry_run) return Report{.plan = best};
  auto job = broker::submit(*world, best);
  if (!job) return tl::unexpected(std::move(job.error()));
  return carry_out(session, *job);
}

}  // namespace heliu::app
