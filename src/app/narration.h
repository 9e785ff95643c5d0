// Tells a person what the flow found and what a job does, in a few aligned lines.
#pragma once

#include "app/session.h"
#include "planner/search.h"
#include "spec/coefficients.h"
#include "spec/pool.h"

namespace heliu::app {

void tell_pool(const Session& session, const Pool& pool);
void tell_coefficients(Session& session, const Coefficients& coefficients);
void tell_plans(const Session& session, const planner::Search& search);

// "2 min 5 s"
std::string duration(double seconds);

// Follows one job.
class Narrator {
 public:
  Narrator(Session& session, const ledger::Job& job);
  void hear(const Record& record);

 private:
  void hear_step(const Record& record);

  Session& session_;
  int64_t steps_;
  int64_t told_at_ = 0;  // step of the last line told off a terminal
  double seconds_ = 0;   // smoothed time of a step
};

}  // namespace heliu::app
