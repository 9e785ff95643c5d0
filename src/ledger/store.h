// The ledger: what was promised and what happened, in one SQLite file that only ever grows.
//
// Jobs with their plans, the records of their runs, and the coefficients fitted from them. An
// append that has returned is on disk, whatever happens to the process or the machine afterwards.
// Several processes may use one file at the same time; one object serves one thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "ledger/job_state.h"
#include "spec/coefficients.h"
#include "spec/plan.h"
#include "spec/record.h"

namespace heliu::ledger {

struct Job {
  std::string id;
  double time = 0;          // seconds since 1970-01-01 UTC
  std::string fingerprint;  // of the workload
  Plan plan;                // with the workload in it
  std::string directory;    // where its files are
  JobState state = JobState::submitted;
};

class Ledger {
 public:
  // Opens the file, or begins one. environment: the file cannot be used: not a ledger, a newer
  // program's, damaged, or the place cannot be written to.
  static Result<Ledger> open(const std::string& path);
  Ledger(Ledger&&) noexcept;
  Ledger& operator=(Ledger&&) noexcept;
  ~Ledger();

  // Its state follows from records and is not stored. bad_input: the id is taken or empty.
  Result<void> append_job(const Job& job);

  // In one transaction: all of them or none. Each must belong to a job of the ledger (not_found).
  Result<void> append_records(std::span<const Record> records);
  Result<void> append_record(const Record& record) { return append_records({&record, 1}); }

  Result<std::vector<Job>> jobs() const;  // oldest first
  // By id, or by the beginning of one if no other id begins so. not_found, or bad_input for
  // several.
  Result<Job> job(const std::string& id_or_beginning) const;
  Result<std::optional<Job>> latest_by_fingerprint(const std::string& fingerprint) const;

  // In the order they were appended; of one kind or of all.
  Result<std::vector<Record>> records(const std::string& job, std::optional<Event> only = {}) const;

  Result<void> append_coefficients(const Coefficients& coefficients);
  Result<std::optional<Coefficients>> coefficients(const std::string& island) const;  // the latest

 private:
  struct State;
  explicit Ledger(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace heliu::ledger
