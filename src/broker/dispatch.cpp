#include "broker/dispatch.h"

#include <fmt/core.h>

#include <set>

#include "broker/submission.h"
#include "spec/document.h"

namespace heliu::broker {
namespace {

// How long the other ranks may take to notice a dead one by themselves, and say so.
constexpr double grace = 8;

std::vector<host::RankCommand> commands(const World& world, const ledger::Job& job) {
  std::vector<host::RankCommand> ranks;
  for (int r = 0; r < ranks_of(job.plan.parallel); ++r)
    ranks.push_back({{world.program, "worker", "--plan", job.directory + "/plan.json", "--job",
                      job.id, "--directory", job.directory, "--rank", fmt::format("{}", r)},
                     log_path(job, r)});
  return ranks;
}

// One rank says one thing at one time.
std::string key_of(const Record& record) {
  return fmt::format("{} {} {} {}", record.rank, int(record.event), record.time,
                     record.step.value_or(-1));
}

// What the ranks of an earlier attempt said that no broker lived to write down; their diaries begin
// anew.
Result<void> catch_up(World& world, const ledger::Job& job) {
  auto known = world.ledger.records(job.id);
  if (!known) return tl::unexpected(std::move(known.error()));
  std::set<std::string> heard;
  for (const Record& record : *known) heard.insert(key_of(record));
  for (int r = 0; r < ranks_of(job.plan.parallel); ++r) {
    std::vector<Record> unheard;
    for (const std::string& line : split(world.files.read(diary_path(job, r)).value_or(""), '\n'))
      if (auto record = read_json<Record>({diary_path(job, r), line});
          record && !heard.contains(key_of(*record)))
        unheard.push_back(std::move(*record));
    if (auto appended = world.ledger.append_records(unheard); !appended) return appended;
    if (auto begun = world.files.write(diary_path(job, r), ""); !begun) return begun;
  }
  return {};
}

bool is_last_word(Event event) {
  return event == Event::finished || event == Event::stopped || event == Event::failed;
}

}  // namespace

Dispatch::Dispatch(World& world, ledger::Job job, host::Lock lock)
    : world_(&world),
      job_(std::move(job)),
      lock_(std::move(lock)),
      energy_(std::make_unique<host::EnergyCounter>(world.files)) {}

Result<Dispatch> Dispatch::start(World& world, const ledger::Job& job) {
  if (auto made = world.files.make_folder(job.directory); !made)
    return tl::unexpected(std::move(made.error()));
  auto lock = host::Lock::take(lock_path(job));
  if (!lock) return tl::unexpected(std::move(lock.error()).during("starting " + job.id));
  if (auto caught_up = catch_up(world, job); !caught_up)
    return tl::unexpected(std::move(caught_up.error()));
  Dispatch dispatch(world, job, std::move(*lock));
  dispatch.launched_ = world.clock.now();
  auto noted = world.ledger.append_record(
      {.event = Event::launched, .job = job.id, .time = dispatch.launched_});
  if (!noted) return tl::unexpected(std::move(noted.error()));
  auto ranks = world.launcher.start(commands(world, job));
  if (!ranks) {
    (void)world.ledger.append_record({.event = Event::failed,
                                      .job = job.id,
                                      .time = world.clock.now(),
                                      .message = ranks.error().message});
    return tl::unexpected(std::move(ranks.error()));
  }
  dispatch.ranks_ = std::move(*ranks);
  dispatch.spoke_last_.resize(size_t(dispatch.ranks_->size()));
  dispatch.accounted_for_.resize(size_t(dispatch.ranks_->size()));
  return dispatch;
}

// A line that is no record is something a library printed: kept as a note.
std::optional<Record> Dispatch::understand(const host::RankLine& line) {
  if (trim(line.text).empty()) return std::nullopt;
  auto record = read_json<Record>({fmt::format("rank {}", line.rank), line.text});
  if (!record)
    return Record{.event = Event::note,
                  .job = job_.id,
                  .rank = line.rank,
                  .time = world_->clock.now(),
                  .message = line.text};
  record->job = job_.id;
  if (record->event == Event::checkpoint) saved_step_ = record->step.value_or(0);
  if (is_last_word(record->event)) {
    spoke_last_[size_t(line.rank)] = true;
    record->total_time = Seconds::of(world_->clock.now() - launched_);
    if (line.rank == 0) record->energy = energy_->used();
  }
  return *record;
}

void Dispatch::explain_death(int rank, const host::RankEnd& end, std::vector<Record>& records) {
  std::string how = end.signalled ? fmt::format("was ended by signal {}", end.code - 128)
                                  : fmt::format("ended with code {}", end.code);
  std::string state = saved_step_ ? fmt::format("the last checkpoint is step {}", saved_step_)
                                  : "there was no new checkpoint";
  records.push_back({.event = Event::failed,
                     .job = job_.id,
                     .rank = rank,
                     .time = world_->clock.now(),
                     .total_time = Seconds::of(world_->clock.now() - launched_),
                     .path = log_path(job_, rank),
                     .message = fmt::format("rank {} {}; {}", rank, how, state)});
}

void Dispatch::watch_ranks(std::vector<Record>& records) {
  bool all_ended = true;
  for (int r = 0; r < ranks_->size(); ++r) {
    auto end = ranks_->ended(r);
    if (!end) {
      all_ended = false;
      continue;
    }
    if (accounted_for_[size_t(r)]) continue;
    accounted_for_[size_t(r)] = true;
    // Ranks that this broker ended itself, after another's death, need no explanation.
    bool killed_here = doomed_at_ > 0 && end->signalled;
    if (!spoke_last_[size_t(r)] && !killed_here) explain_death(r, *end, records);
    if (end->code != 0 && doomed_at_ == 0) doomed_at_ = world_->clock.now();
  }
  if (doomed_at_ > 0 && world_->clock.now() - doomed_at_ > grace) ranks_->kill();
  over_ = all_ended;
}

Result<std::vector<Record>> Dispatch::step(Seconds patience) {
  std::vector<Record> records;
  for (const host::RankLine& line : ranks_->lines(patience))
    if (auto record = understand(line)) records.push_back(std::move(*record));
  watch_ranks(records);
  if (auto appended = world_->ledger.append_records(records); !appended)
    return tl::unexpected(std::move(appended.error()));
  return records;
}

void Dispatch::ask_to_stop() {
  if (asked_)
    ranks_->kill();
  else
    ranks_->ask_to_stop();
  asked_ = true;
}

}  // namespace heliu::broker
