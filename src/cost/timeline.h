// When each stage of a pipeline works on which micro-batch: a step, played through event by event.
//
// GPipe does all forwards, then all backwards (Huang et al., arXiv 1811.06965). 1F1B lets stage s
// do stages - 1 - s forwards, then alternates. Interleaved 1F1B gives each stage several chunks of
// the model, so that a micro-batch passes through all stages once for each chunk (Narayanan et al.,
// arXiv 2104.04473, section 2.2).
//
// Every stage has a list of what it does, in order. Where the micro-batches are not a multiple of
// the stages, which Megatron-LM refuses, the interleaved lists of different stages may wait for
// each other; then the stage that could go on first takes the first task of its list that can
// begin. As forwards and backwards depend on each other without a cycle, there always is one.
#pragma once

#include <cstdint>
#include <vector>

#include "base/units.h"

namespace heliu::cost {

enum class PipelineSchedule { gpipe, one_forward_one_backward };

// For one micro-batch through all chunks of a stage.
struct StageTimes {
  Seconds forward, backward;
  Seconds recompute;  // before each backward
};

struct PipelineShape {
  PipelineSchedule schedule = PipelineSchedule::one_forward_one_backward;
  std::vector<StageTimes> stages;  // at least one
  int64_t micro_batches = 1;       // at least 1
  int chunks = 1;                  // of each stage; with GPipe 1
  Seconds transfer;                // of activations or gradients from one stage to the next
};

enum class PipelineTask { forward, recompute, backward };

struct PipelineSpan {
  PipelineTask task = PipelineTask::forward;
  int stage = 0;
  int chunk = 0;  // of the stage
  int64_t micro_batch = 0;
  Seconds start, length;
};

struct Timeline {
  std::vector<PipelineSpan> spans;  // stage by stage, each in order of time
  Seconds total;                    // until the last backward has ended
};

Timeline pipeline_timeline(const PipelineShape& shape);

}  // namespace heliu::cost
