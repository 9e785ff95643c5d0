// The commands: each reads the request, calls one room or the flow, and prints. They return the
// exit code, or the error that decides it.
#pragma once

#include "app/session.h"
#include "spec/calibration.h"
#include "spec/catalog.h"

namespace heliu::app {

Result<int> command_demo(Session& session);
Result<int> command_discover(Session& session);
Result<int> command_bench(Session& session);
Result<int> command_pool(Session& session);
Result<int> command_pool_check(Session& session);
Result<int> command_pool_show(Session& session);
Result<int> command_pool_topo(Session& session);
Result<int> command_catalog(Session& session);
Result<int> command_evidence(Session& session);
// `heliu evidence --inference`
Result<int> command_evidence_of_serving(Session& session);
Result<int> command_calibrate(Session& session);
Result<int> command_plan(Session& session);
Result<int> command_export(Session& session);
// `heliu plan --pool`: on the islands of a pool. Its plans are kept for explain and --compare.
Result<int> command_plan_on_pool(Session& session);
// Of a workload of kind serve.
Result<int> plan_serving(Session& session, const Pool& pool, const Workload& workload,
                         const Catalog& known, const Calibration& taught);
Result<int> command_compare(Session& session);
Result<int> command_explain_plan(Session& session);
Result<int> command_run(Session& session);
Result<int> command_jobs(Session& session);
Result<int> command_show(Session& session);
Result<int> command_logs(Session& session);
Result<int> command_explain(Session& session);
Result<int> command_version(Session& session);

}  // namespace heliu::app
