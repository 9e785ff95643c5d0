// The whole system on one page: what happens to a workload.
#pragma once

#include "app/report.h"
#include "app/session.h"
#include "planner/search.h"

namespace heliu::app {

// What this program's runtime can execute.
planner::Abilities abilities();

// The machine, what is known of it, and the plans for a workload on it.
struct Proposal {
  Pool pool;
  Coefficients coefficients;
  Workload workload;  // complete
  planner::Search search;
};

Result<Workload> load_workload(Session& session, const std::string& path);
Result<Pool> discover(Session& session);
Result<Proposal> propose(Session& session, Workload workload);

// Dispatches a job, old or new, to its end; teaches the predictor; reports.
Result<Report> carry_out(Session& session, const ledger::Job& job);

// All of it: `heliu run FILE` and `heliu demo`.
Result<Report> run(Session& session, Workload workload);

}  // namespace heliu::app
