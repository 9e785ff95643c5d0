// Where a job stands, as far as its records tell.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "spec/record.h"

namespace heliu::ledger {

enum class JobState { submitted, running, finished, stopped, failed };
constexpr std::array<std::string_view, 5> job_state_names = {"submitted", "running", "finished",
                                                             "stopped", "failed"};

// What the records say of a job, since it was last launched: failed if any rank failed, else
// finished or stopped if one did, else running; submitted if it was never launched.
JobState state_of(std::span<const Event> events);

}  // namespace heliu::ledger
