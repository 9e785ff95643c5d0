// Spans of time as a trace that chrome://tracing and Perfetto open: the "JSON Object Format" of
// Chrome's Trace Event Format (https://perfetto.dev/docs/getting-started/other-formats).
#pragma once

#include <string>
#include <vector>

#include "base/units.h"

namespace heliu::exchange {

struct Span {
  std::string name;
  std::string category;
  int stage = 0;  // shown as a process
  int lane = 0;   // shown as a thread of it
  Seconds start, length;
};

// One line for each event: complete events ("ph": "X"), times in microseconds, and the names of
// stages and lanes. `lanes`: their names, by number; a lane without one is called "lane N".
std::string write_trace(const std::vector<Span>& spans, const std::vector<std::string>& lanes = {});

}  // namespace heliu::exchange
