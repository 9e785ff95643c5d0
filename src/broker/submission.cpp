#include "broker/submission.h"

#include <fmt/core.h>

#include <array>

#include "host/lock.h"
#include "spec/document.h"

namespace heliu::broker {
namespace {

// The next free number for jobs of this name; somebody else may take it first.
int64_t next_number(const std::vector<ledger::Job>& jobs, const std::string& name) {
  int64_t number = 1;
  for (const ledger::Job& job : jobs) {
    if (!job.id.starts_with(name + "-")) continue;
    int64_t taken = std::strtoll(job.id.c_str() + name.size() + 1, nullptr, 10);
    number = std::max(number, taken + 1);
  }
  return number;
}

// A job's name is a folder's name.
std::string plain(const std::string& name) {
  std::string safe;
  for (char c : name)
    safe += c == '/' || c == ' ' || static_cast<unsigned char>(c) < 0x20 ? '-' : c;
  return safe.empty() || safe[0] == '.' ? "job" + safe : safe;
}

Result<void> write_plan(World& world, const ledger::Job& job) {
  return world.files.write(job.directory + "/plan.json", to_line(job.plan) + "\n");
}

}  // namespace

Result<ledger::Job> submit(World& world, Plan plan) {
  auto jobs = world.ledger.jobs();
  if (!jobs) return tl::unexpected(std::move(jobs.error()));
  std::string name = plain(plan.workload.name);
  int64_t number = next_number(*jobs, name);
  for (int tries = 0;; ++tries, ++number) {
    ledger::Job job;
    plan.id = job.id = fmt::format("{}-{}", name, number);
    job.time = world.clock.now();
    job.fingerprint = fingerprint(plan.workload);
    job.plan = plan;
    job.directory = world.folder + "/jobs/" + job.id;
    auto appended = world.ledger.append_job(job);
    if (!appended && appended.error().kind == Error::Kind::bad_input && tries < 100) continue;
    if (!appended) return tl::unexpected(std::move(appended.error()));
    if (auto written = write_plan(world, job); !written)
      return tl::unexpected(std::move(written.error()));
    auto noted =
        world.ledger.append_record({.event = Event::submitted, .job = job.id, .time = job.time});
    if (!noted) return tl::unexpected(std::move(noted.error()));
    return job;
  }
}

std::string lock_path(const ledger::Job& job) { return job.directory + "/lock"; }
std::string log_path(const ledger::Job& job, int rank) {
  return fmt::format("{}/rank-{}.log", job.directory, rank);
}

std::string diary_path(const ledger::Job& job, int rank) {
  return fmt::format("{}/rank-{}.jsonl", job.directory, rank);
}

Standing standing(const ledger::Job& job) {
  switch (job.state) {
    case ledger::JobState::submitted:
      return Standing::submitted;
    case ledger::JobState::running:
      return host::Lock::is_taken(lock_path(job)) ? Standing::running : Standing::interrupted;
    case ledger::JobState::finished:
      return Standing::finished;
    case ledger::JobState::stopped:
      return Standing::stopped;
    case ledger::JobState::failed:
      return Standing::failed;
  }
  return Standing::failed;
}

std::string_view name(Standing standing) {
  constexpr std::array<std::string_view, 6> names = {"submitted", "running", "interrupted",
                                                     "finished",  "stopped", "failed"};
  return names[size_t(standing)];
}

bool can_resume(Standing standing) {
  return standing != Standing::finished && standing != Standing::running;
}

}  // namespace heliu::broker
