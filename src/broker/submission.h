// Taking a job in: it is in the ledger, with its plan, before anything else happens.
#pragma once

#include "base/error.h"
#include "broker/world.h"
#include "spec/plan.h"

namespace heliu::broker {

// Names the job after its workload ("poems-3"), writes it and its plan, and returns it.
Result<ledger::Job> submit(World& world, Plan plan);

// What a job's state is now: one that runs by its records, but that no living process works on,
// was interrupted.
enum class Standing { submitted, running, interrupted, finished, stopped, failed };
Standing standing(const ledger::Job& job);
std::string_view name(Standing standing);

// Whether running the job again would go on where it ended.
bool can_resume(Standing standing);

std::string lock_path(const ledger::Job& job);
std::string log_path(const ledger::Job& job, int rank);
// What a rank said in the latest attempt, in its own hand: a broker that dies leaves nothing
// unheard.
std::string diary_path(const ledger::Job& job, int rank);

}  // namespace heliu::broker
