#include "ledger/job_state.h"

namespace heliu::ledger {

JobState state_of(std::span<const Event> events) {
  bool launched = false, finished = false, stopped = false, failed = false;
  for (Event event : events) {
    if (event == Event::launched) launched = true, finished = stopped = failed = false;
    if (event == Event::started) launched = true;
    if (event == Event::finished) finished = true;
    if (event == Event::stopped) stopped = true;
    if (event == Event::failed) failed = true;
  }
  if (failed) return JobState::failed;
  if (finished) return JobState::finished;
  if (stopped) return JobState::stopped;
  return launched ? JobState::running : JobState::submitted;
}

}  // namespace heliu::ledger
