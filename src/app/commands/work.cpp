// demo, plan and run: what a workload goes through.
#include "app/commands.h"
#include "app/flow.h"
#include "broker/submission.h"
#include "host/process.h"

namespace heliu::app {
namespace {

constexpr int interrupted_code = 130;
constexpr int64_t short_steps = 30, short_checkpoint = 15;

void tell_report(Session& session, const Report& report) {
  if (!report.sample.empty())
    session.print(session.text(Say::sample_title) + "\n" + report.sample + "\n");
  if (report.steps > 0)
    session.print("  " +
                  session.text(Say::loss_line, report.loss_first, report.loss_last, report.steps));
  if (!report.checkpoint.empty())
    session.print("  " + session.text(Say::checkpoint_at, report.checkpoint));
  if (!report.measured) return;
  session.print(session.text(Say::result_title));
  session.print(print(session, report));
  session.hint(session.text(Say::next_steps, report.job));
}

// The exit code of what a run came to.
Result<int> conclude(Session& session, const Result<Report>& report) {
  if (!report) return tl::unexpected(report.error());
  if (session.request().dry_run) {
    session.print(session.text(Say::would_run, summary(report->plan)));
    session.hint(session.text(Say::dry_run));
    session.print(to_json(*report));
    return 0;
  }
  tell_report(session, *report);
  if (!report->measured) session.hint(session.text(Say::resume_hint, report->job));
  session.print(to_json(*report));
  if (report->measured) return 0;
  return host::interrupted() == 15 ? 143 : interrupted_code;
}

Result<ledger::Job> job_to_resume(Session& session, broker::World& world) {
  if (!session.request().job.empty()) return world.ledger.job(session.request().job);
  auto jobs = world.ledger.jobs();
  if (!jobs) return tl::unexpected(std::move(jobs.error()));
  for (auto job = jobs->rbegin(); job != jobs->rend(); ++job)
    if (job->plan.workload.kind == WorkloadKind::train &&
        broker::can_resume(broker::standing(*job)))
      return *job;
  return fail(Error::Kind::not_found, "no job is waiting to be resumed");
}

Result<int> resume(Session& session) {
  auto world = session.world();
  if (!world) return tl::unexpected(std::move(world.error()));
  auto job = job_to_resume(session, *world);
  if (!job) return tl::unexpected(std::move(job.error()));
  if (broker::standing(*job) == broker::Standing::finished) {
    session.print(session.text(Say::already_finished, job->id));
    session.print(Json{{"ok", true}, {"job", job->id}});
    return 0;
  }
  return conclude(session, carry_out(session, *job));
}

}  // namespace

Result<int> command_demo(Session& session) {
  auto workload = load_workload(session, std::string(HELIU_EXAMPLES) + "/01-poems/workload.yaml");
  if (!workload) return tl::unexpected(std::move(workload.error()));
  if (session.request().brief) {
    workload->train.steps = short_steps;
    workload->train.warmup_steps = std::min(workload->train.warmup_steps, short_steps / 3);
    workload->train.checkpoint_every = short_checkpoint;
  }
  return conclude(session, run(session, std::move(*workload)));
}

Result<int> command_run(Session& session) {
  if (session.request().resume) return resume(session);
  if (session.request().file.empty())
    return fail({.kind = Error::Kind::usage,
                 .message = "run needs a workload file, or --resume",
                 .hint = "heliu run examples/01-poems/workload.yaml"});
  auto workload = load_workload(session, session.request().file);
  if (!workload) return tl::unexpected(std::move(workload.error()));
  if (workload->kind == WorkloadKind::bench)
    return fail({.kind = Error::Kind::usage,
                 .message = "a workload of kind bench is run by its own command",
                 .hint = "heliu bench"});
  return conclude(session, run(session, std::move(*workload)));
}

Result<int> command_plan(Session& session) {
  const Request& request = session.request();
  if (request.file.empty() && !request.compare.empty()) return command_compare(session);
  if (request.file.empty())
    return fail({.kind = Error::Kind::usage,
                 .message = "plan needs a workload file",
                 .hint = "heliu plan examples/01-poems/workload.yaml"});
  if (!request.pool.empty()) return command_plan_on_pool(session);
  auto workload = load_workload(session, session.request().file);
  if (!workload) return tl::unexpected(std::move(workload.error()));
  if (workload->kind == WorkloadKind::serve)
    return fail({.kind = Error::Kind::usage,
                 .message = "serving is planned on the islands of a pool",
                 .hint = "heliu plan " + request.file + " --pool POOL"});
  auto proposal = propose(session, std::move(*workload));
  if (!proposal) return tl::unexpected(std::move(proposal.error()));
  Json plans = Json::array(), rejected = Json::array();
  for (const Plan& plan : proposal->search.plans) plans.push_back(to_json(plan));
  for (const planner::Rejection& r : proposal->search.rejected)
    rejected.push_back({{"reason", r.reason}, {"plans", r.count}});
  session.print(
      Json{{"plans", plans}, {"feasible", proposal->search.feasible}, {"rejected", rejected}});
  const Request& asked = session.request();
  if (asked.from != "megatron" && asked.model.empty() && !asked.sequence)
    session.hint("next: heliu run " + asked.file);
  return 0;
}

}  // namespace heliu::app
