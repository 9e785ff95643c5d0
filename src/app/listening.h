// Runs one job to its end and passes on what it says.
#pragma once

#include <functional>

#include "app/session.h"
#include "broker/dispatch.h"

namespace heliu::app {

// How it ended: finished or stopped. A failed job is an error of kind job_failed with the reason and
// where its log is. SIGINT or SIGTERM asks the ranks to stop.
Result<Event> listen(Session& session, broker::World& world, const ledger::Job& job,
                     const std::function<void(const Record&)>& heard);

}  // namespace heliu::app
