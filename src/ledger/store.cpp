#include "ledger/store.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "ledger/database.h"
#include "ledger/faults.h"
#include "ledger/schema.h"
#include "spec/document.h"

namespace heliu::ledger {
namespace {

constexpr int patience_ms = 30'000;
constexpr const char* job_columns = "SELECT id, time, fingerprint, plan, directory FROM jobs ";

// An event by the name that its documents use.
std::string name_of(Event event) {
  Record record;
  record.event = event;
  return to_json(record).at("event").get<std::string>();
}

// What kind of file it was; a ledger, old or new, is ready for use afterwards.
FileKind begin(Database& database) {
  FileKind kind = kind_of(database);
  if (kind == FileKind::newer || kind == FileKind::foreign) return kind;
  // WAL: readers go on while one writes. FULL: a commit is on disk when it returns.
  database.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
  prepare(database);
  return kind;
}

// Several processes may begin one file at the same moment. SQLite does not wait for the change to
// WAL as it waits for locks, so what was busy is tried again here.
template <class Work>
auto patiently(Work work) -> decltype(work()) {
  constexpr int pause_ms = 10;
  for (int waited = 0;; waited += pause_ms) {
    try {
      return work();
    } catch (const DatabaseError& fault) {
      if ((fault.code() & 0xff) != SQLITE_BUSY || waited >= patience_ms) throw;
      sqlite3_sleep(pause_ms);
    }
  }
}

}  // namespace

struct Ledger::State {
  std::string path;
  Database database;

  // What `work` returns, with the faults of the database as an Error.
  template <class Work>
  auto guarded(Work work) -> decltype(work()) {
    try {
      return work();
    } catch (const DatabaseError& fault) {
      return fail(as_error(fault, path));
    }
  }

  template <class D>
  Result<D> read(const std::string& json, const std::string& what) const {
    auto document = read_json<D>({fmt::format("{}: {}", path, what), json});
    if (!document) return tl::unexpected(std::move(document.error()).during("reading the ledger"));
    return document;
  }

  Result<Job> read_job(const Statement& row);
  Result<std::vector<Job>> read_jobs(Statement query);
  bool has_job(const std::string& id);
  std::vector<Event> lifecycle(const std::string& job);
};

std::vector<Event> Ledger::State::lifecycle(const std::string& job) {
  constexpr std::array kinds = {Event::submitted, Event::launched, Event::started,
                                Event::finished,  Event::stopped,  Event::failed};
  std::vector<std::pair<int64_t, Event>> found;
  Statement query(database, "SELECT max(seq) FROM records WHERE job = ?1 AND event = ?2");
  for (Event kind : kinds) {
    query.bind(1, job).bind(2, name_of(kind));
    if (query.step() && query.number(0) > 0) found.emplace_back(query.number(0), kind);
    query.reset();
  }
  std::sort(found.begin(), found.end());
  std::vector<Event> events;
  for (const auto& [seq, kind] : found) events.push_back(kind);
  return events;
}

Result<Job> Ledger::State::read_job(const Statement& row) {
  Job job;
  job.id = row.text(0);
  job.time = row.real(1);
  job.fingerprint = row.text(2);
  job.directory = row.text(4);
  auto plan = read<Plan>(row.text(3), "job " + job.id);
  if (!plan) return tl::unexpected(std::move(plan.error()));
  job.plan = std::move(*plan);
  job.state = state_of(lifecycle(job.id));
  return job;
}

Result<std::vector<Job>> Ledger::State::read_jobs(Statement query) {
  std::vector<Job> all;
  while (query.step()) {
    auto job = read_job(query);
    if (!job) return tl::unexpected(std::move(job.error()));
    all.push_back(std::move(*job));
  }
  return all;
}

bool Ledger::State::has_job(const std::string& id) {
  return Statement(database, "SELECT 1 FROM jobs WHERE id = ?1").bind(1, id).step();
}

Ledger::Ledger(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ledger::Ledger(Ledger&&) noexcept = default;
Ledger& Ledger::operator=(Ledger&&) noexcept = default;
Ledger::~Ledger() = default;

Result<Ledger> Ledger::open(const std::string& path) {
  try {
    std::unique_ptr<State> state(new State{path, Database(path, patience_ms)});
    FileKind kind = patiently([&] { return begin(state->database); });
    if (kind == FileKind::newer || kind == FileKind::foreign) return fail(refuse(kind, path));
    return Ledger(std::move(state));
  } catch (const DatabaseError& fault) {
    return fail(as_error(fault, path));
  }
}

Result<void> Ledger::append_job(const Job& job) {
  return state_->guarded([&]() -> Result<void> {
    if (job.id.empty()) return fail(Error::Kind::bad_input, "a job needs an id");
    Transaction transaction(state_->database);
    if (state_->has_job(job.id))
      return fail(Error::Kind::bad_input, "the ledger has this job already: " + job.id);
    Statement(state_->database, "INSERT INTO jobs VALUES(?1, ?2, ?3, ?4, ?5, ?6)")
        .bind(1, job.id)
        .bind(2, job.time)
        .bind(3, job.fingerprint)
        .bind(4, to_line(job.plan.workload))
        .bind(5, to_line(job.plan))
        .bind(6, job.directory)
        .run();
    transaction.commit();
    return {};
  });
}

Result<void> Ledger::append_records(std::span<const Record> records) {
  return state_->guarded([&]() -> Result<void> {
    if (records.empty()) return {};
    Transaction transaction(state_->database);
    Statement insert(state_->database, "INSERT INTO records(job, event, json) VALUES(?1, ?2, ?3)");
    std::string known;
    for (const Record& record : records) {
      if (record.job.empty() || (record.job != known && !state_->has_job(record.job)))
        return fail(Error::Kind::not_found, "the ledger has no job " + record.job);
      known = record.job;
      insert.bind(1, record.job).bind(2, name_of(record.event)).bind(3, to_line(record)).run();
    }
    transaction.commit();
    return {};
  });
}

Result<std::vector<Job>> Ledger::jobs() const {
  return state_->guarded([&]() -> Result<std::vector<Job>> {
    return state_->read_jobs({state_->database, fmt::format("{} ORDER BY rowid", job_columns)});
  });
}

Result<Job> Ledger::job(const std::string& wanted) const {
  return state_->guarded([&]() -> Result<Job> {
    Statement exact(state_->database, fmt::format("{} WHERE id = ?1", job_columns));
    if (exact.bind(1, wanted).step()) return state_->read_job(exact);

    Statement query(state_->database,
                    fmt::format("{} WHERE substr(id, 1, length(?1)) = ?1 LIMIT 2", job_columns));
    query.bind(1, wanted);
    if (wanted.empty() || !query.step())
      return fail(Error::Kind::not_found, "the ledger has no job " + wanted);
    auto found = state_->read_job(query);
    if (query.step())
      return fail(Error::Kind::bad_input,
                  fmt::format("several jobs begin with {}: {}, {}, ...", wanted,
                              found ? found->id : "?", query.text(0)));
    return found;
  });
}

Result<std::optional<Job>> Ledger::latest_by_fingerprint(const std::string& fingerprint) const {
  return state_->guarded([&]() -> Result<std::optional<Job>> {
    Statement query(
        state_->database,
        fmt::format("{} WHERE fingerprint = ?1 ORDER BY rowid DESC LIMIT 1", job_columns));
    query.bind(1, fingerprint);
    if (!query.step()) return std::nullopt;
    return state_->read_job(query).map([](Job job) { return std::optional(std::move(job)); });
  });
}

Result<std::vector<Record>> Ledger::records(const std::string& job,
                                            std::optional<Event> only) const {
  return state_->guarded([&]() -> Result<std::vector<Record>> {
    if (!state_->has_job(job)) return fail(Error::Kind::not_found, "the ledger has no job " + job);
    Statement query(
        state_->database,
        "SELECT seq, json FROM records WHERE job = ?1 AND (?2 = '' OR event = ?2) ORDER BY seq");
    query.bind(1, job).bind(2, only ? name_of(*only) : "");
    std::vector<Record> all;
    while (query.step()) {
      auto record = state_->read<Record>(query.text(1), fmt::format("record {}", query.number(0)));
      if (!record) return tl::unexpected(std::move(record.error()));
      all.push_back(std::move(*record));
    }
    return all;
  });
}

Result<void> Ledger::append_coefficients(const Coefficients& coefficients) {
  return state_->guarded([&]() -> Result<void> {
    if (coefficients.island.empty())
      return fail(Error::Kind::bad_input, "coefficients need their island");
    Statement(state_->database, "INSERT INTO coefficients(island, json) VALUES(?1, ?2)")
        .bind(1, coefficients.island)
        .bind(2, to_line(coefficients))
        .run();
    return {};
  });
}

Result<std::optional<Coefficients>> Ledger::coefficients(const std::string& island) const {
  return state_->guarded([&]() -> Result<std::optional<Coefficients>> {
    Statement query(state_->database,
                    "SELECT json FROM coefficients WHERE island = ?1 ORDER BY seq DESC LIMIT 1");
    query.bind(1, island);
    if (!query.step()) return std::nullopt;
    return state_->read<Coefficients>(query.text(0), "coefficients of " + island)
        .map([](Coefficients c) { return std::optional(std::move(c)); });
  });
}

}  // namespace heliu::ledger
