// A rank of a job, as the broker starts it: reads a plan, does its work, answers with record lines
// on standard output.
#pragma once

#include "app/session.h"

namespace heliu::app {

// The exit code: 0 for finished and stopped.
int worker(const Request& request);

}  // namespace heliu::app
