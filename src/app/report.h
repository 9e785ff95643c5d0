// A job's promise beside what was measured.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/session.h"
#include "spec/plan.h"
#include "spec/record.h"

namespace heliu::app {

struct Figures {
  Seconds step_time, total_time;
  double tokens_per_s = 0;
  Bytes memory;  // peak of the rank that needed most
  std::optional<Joules> energy;
};

struct Report {
  std::string job;
  Plan plan;
  std::optional<Figures> measured;  // once the job has finished
  double loss_first = 0, loss_last = 0;
  int64_t steps = 0;
  std::string sample, checkpoint;
  std::vector<ClassTime> breakdown;
  std::optional<Forecast> next;     // the same plan, after this run taught the predictor
};

Figures promised(const Plan& plan);

// From all records of a job, of every attempt; later words about a step count.
Report report(const Plan& plan, const std::vector<Record>& records);

// measured / promised - 1.
double error_of(double measured, double promised);

// The table of section 4, and the object of --json.
std::string print(const Session& session, const Report& report);
Json to_json(const Report& report);

}  // namespace heliu::app
