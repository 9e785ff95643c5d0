// A plan's pipeline, step by step of its schedule, as a trace to look at.
#pragma once

#include <string>

#include "base/error.h"
#include "spec/plan.h"

namespace heliu::app {

// One optimizer step, from the forecast's stages. Of a micro-batch's time, a third is the forward
// and the rest the backward, which does twice the products; with full recomputation a quarter is
// the forward, a quarter the same again, and half the backward. What the step takes beside the
// pipeline (gradients, optimizer) follows at the end. Fails where the forecast knows no stages, or
// the schedule is one that the timeline does not play.
Result<std::string> pipeline_trace(const Plan& plan);

}  // namespace heliu::app
