// One attempt at one job: its ranks, from their launch to their end.
//
// Every record is in the ledger before anyone else sees it. A rank that dies takes the attempt
// down: the others are given a moment to notice, then ended, and the reason is recorded.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "broker/world.h"
#include "host/energy.h"
#include "host/lock.h"

namespace heliu::broker {

class Dispatch {
 public:
  // Launches the ranks. unreachable: another process works on the job.
  static Result<Dispatch> start(World& world, const ledger::Job& job);

  // Records that arrived, waiting at most `patience` for the first.
  Result<std::vector<Record>> step(Seconds patience);

  // Whether all ranks have ended and all they said is in the ledger.
  bool over() const { return over_; }

  // Ranks save their work and end; asked twice, they are ended.
  void ask_to_stop();

 private:
  Dispatch(World& world, ledger::Job job, host::Lock lock);

  std::optional<Record> understand(const host::RankLine& line);
  void watch_ranks(std::vector<Record>& records);
  void explain_death(int rank, const host::RankEnd& end, std::vector<Record>& records);

  World* world_;
  ledger::Job job_;
  host::Lock lock_;
  std::unique_ptr<host::Running> ranks_;
  std::unique_ptr<host::EnergyCounter> energy_;
  std::vector<bool> spoke_last_;     // by rank: it said how it ended
  std::vector<bool> accounted_for_;  // by rank: its end was dealt with
  double launched_ = 0;
  double doomed_at_ = 0;  // when the first rank died; 0: none has
  int64_t saved_step_ = 0;
  bool asked_ = false;
  bool over_ = false;
};

}  // namespace heliu::broker
