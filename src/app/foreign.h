// Workloads and models that come in other programs' words.
#pragma once

#include "app/session.h"
#include "base/text.h"

namespace heliu::app {

// The workload that a text says, in the format that --from names (a workload document, or arguments
// of Megatron-LM). Its model is the one that --model or model.huggingface names, if either does;
// --sequence, or else the workload's own sequence, is the length it is trained with.
Result<Workload> workload_of(Session& session, const SourceText& source);

// Whether this program's own runtime trains the model, and not another of the same sizes: it knows
// the family gpt as it is. Every model can be planned.
Result<void> runnable(const Model& model);

}  // namespace heliu::app
