// jobs, show and logs: what was done.
#include <ctime>

#include "app/commands.h"
#include "app/report.h"
#include "app/table.h"
#include "broker/submission.h"

namespace heliu::app {
namespace {

std::string date(double seconds) {
  std::time_t time = std::time_t(seconds);
  std::tm local{};
  localtime_r(&time, &local);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local);
  return text;
}

Json job_json(const ledger::Job& job) {
  return {{"job", job.id}, {"state", std::string(broker::name(broker::standing(job)))}, {"time", job.time},
          {"plan", summary(job.plan)}, {"directory", job.directory}};
}

struct Found {
  broker::World world;
  ledger::Job job;
};

Result<Found> find_job(Session& session) {
  auto world = session.world();
  if (!world) return tl::unexpected(std::move(world.error()));
  auto job = world->ledger.job(session.request().job);
  if (!job) return tl::unexpected(std::move(job.error()).hinting("heliu jobs lists them"));
  return Found{*world, std::move(*job)};
}

}  // namespace

Result<int> command_jobs(Session& session) {
  auto world = session.world();
  if (!world) return tl::unexpected(std::move(world.error()));
  auto jobs = world->ledger.jobs();
  if (!jobs) return tl::unexpected(std::move(jobs.error()));
  Table table({session.text(Say::column_job), session.text(Say::column_state), session.text(Say::column_when), session.text(Say::column_workload)});
  Json items = Json::array();
  for (const ledger::Job& job : *jobs) {
    items.push_back(job_json(job));
    table.row({job.id, std::string(broker::name(broker::standing(job))), date(job.time), summary(job.plan)});
  }
  if (jobs->empty()) session.hint(session.text(Say::no_jobs));
  else session.print(table.print(""));
  session.print(Json{{"items", items}});
  return 0;
}

Result<int> command_show(Session& session) {
  auto found = find_job(session);
  if (!found) return tl::unexpected(std::move(found.error()));
  auto records = found->world.ledger.records(found->job.id);
  if (!records) return tl::unexpected(std::move(records.error()));
  const ledger::Job& job = found->job;
  Report result = report(job.plan, *records);
  session.print(job.id + "  " + std::string(broker::name(broker::standing(job))) + "  " + date(job.time) + "\n  " + summary(job.plan) +
                "\n  " + job.plan.reason + "\n  " + job.directory);
  if (result.steps > 0) session.print("  " + session.text(Say::loss_line, result.loss_first, result.loss_last, result.steps));
  for (const Record& record : *records)
    if (record.event == Event::failed || record.event == Event::note) session.print("  " + record.message);
  session.print(print(session, result));
  Json object = to_json(result);
  object["state"] = std::string(broker::name(broker::standing(job)));
  object["records"] = Json::array();
  for (const Record& record : *records) object["records"].push_back(to_json(record));
  session.print(object);
  return 0;
}

Result<int> command_logs(Session& session) {
  auto found = find_job(session);
  if (!found) return tl::unexpected(std::move(found.error()));
  Json logs = Json::array();
  for (int r = 0; r < ranks_of(found->job.plan.parallel); ++r) {
    auto text = session.files().read(broker::log_path(found->job, r));
    if (!text) continue;
    if (!text->empty()) session.print(fmt::format("rank {}:\n{}", r, *text));
    logs.push_back({{"rank", r}, {"text", *text}});
  }
  session.print(Json{{"job", found->job.id}, {"logs", logs}});
  return 0;
}

}  // namespace heliu::app
