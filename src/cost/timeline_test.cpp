#include "cost/timeline.h"

#include <gtest/gtest.h>

#include <map>
#include <tuple>

namespace heliu::cost {
namespace {

constexpr auto alternating = PipelineSchedule::one_forward_one_backward;

PipelineShape equal(PipelineSchedule schedule, int stages, int64_t micro_batches, int chunks,
                    double forward = 1, double backward = 2) {
  StageTimes times{Seconds::of(forward), Seconds::of(backward), {}};
  return {schedule, std::vector<StageTimes>(size_t(stages), times), micro_batches, chunks, {}};
}

double total(const PipelineShape& shape) { return pipeline_timeline(shape).total.base(); }

// Forwards whose backward has not begun, at the time when most are open.
int most_open(const Timeline& timeline, int stage) {
  int open = 0, most = 0;
  for (const PipelineSpan& span : timeline.spans) {
    if (span.stage != stage || span.task == PipelineTask::recompute) continue;
    open += span.task == PipelineTask::forward ? 1 : -1;
    most = std::max(most, open);
  }
  return most;
}

// Every chunk is done once in each direction, after what it needs, and no stage does two at a time.
void expect_possible(const PipelineShape& shape, const Timeline& timeline) {
  int stages = int(shape.stages.size());
  std::map<std::tuple<bool, int, int64_t>, const PipelineSpan*> done;
  std::vector<double> clock(shape.stages.size(), 0);
  for (const PipelineSpan& span : timeline.spans) {
    ASSERT_GE(span.start.base(), clock[size_t(span.stage)] - 1e-9);
    clock[size_t(span.stage)] = (span.start + span.length).base();
    if (span.task == PipelineTask::recompute) continue;
    bool backward = span.task == PipelineTask::backward;
    ASSERT_TRUE(
        done.emplace(std::tuple(backward, span.chunk * stages + span.stage, span.micro_batch),
                     &span)
            .second);
  }
  int chunks = stages * shape.chunks;
  ASSERT_EQ(int64_t(done.size()), 2 * chunks * shape.micro_batches);
  for (const auto& [key, span] : done) {
    auto [backward, chunk, batch] = key;
    int before = backward ? chunk + 1 : chunk - 1;
    if (before < 0) continue;
    auto need =
        before == chunks ? std::tuple(false, chunk, batch) : std::tuple(backward, before, batch);
    const PipelineSpan* earlier = done.at(need);
    double sent = before == chunks || stages == 1 ? 0 : shape.transfer.base();
    ASSERT_GE(span->start.base() + 1e-9, (earlier->start + earlier->length).base() + sent);
  }
}

TEST(Timeline, OneForwardOneBackwardTakesBatchesAndBubble) {
  // (m + pp - 1) (tf + tb): arXiv 2104.04473, section 2.2.
  for (int stages : {1, 2, 3, 4, 8, 16})
    for (int64_t batches : {1, 2, 3, 4, 7, 8, 16, 33, 64}) {
      double expected = double(batches + stages - 1) * 3;
      EXPECT_NEAR(total(equal(alternating, stages, batches, 1)), expected, 1e-9);
      EXPECT_NEAR(total(equal(PipelineSchedule::gpipe, stages, batches, 1)), expected, 1e-9);
    }
}

TEST(Timeline, InterleavingDividesTheBubbleByTheChunks) {
  for (int stages : {1, 2, 3, 4, 8})
    for (int chunks : {1, 2, 3, 4, 6})
      for (int64_t rounds : {1, 2, 3, 5, 8}) {
        int64_t batches = rounds * stages;
        double expected = double(batches) * 3 + double(stages - 1) * 3 / chunks;
        EXPECT_NEAR(total(equal(alternating, stages, batches, chunks)), expected, 1e-9)
            << stages << " stages, " << chunks << " chunks, " << batches << " micro-batches";
      }
}

TEST(Timeline, OneForwardOneBackwardKeepsFewActivations) {
  Timeline timeline = pipeline_timeline(equal(alternating, 4, 32, 1));
  Timeline gpipe = pipeline_timeline(equal(PipelineSchedule::gpipe, 4, 32, 1));

  for (int stage = 0; stage < 4; ++stage) {
    EXPECT_EQ(most_open(timeline, stage), 4 - stage);
    EXPECT_EQ(most_open(gpipe, stage), 32);
  }
}

TEST(Timeline, EveryShapeEndsAndKeepsItsOrder) {
  for (int stages = 1; stages <= 7; ++stages)
    for (int chunks = 1; chunks <= 5; ++chunks)
      for (int64_t batches = 1; batches <= 18; ++batches) {
        PipelineShape shape = equal(alternating, stages, batches, chunks, 1.25, 2.5);
        shape.transfer = Seconds::of(0.125);
        for (size_t stage = 0; stage < shape.stages.size(); ++stage) {
          shape.stages[stage].forward *= 1 + 0.25 * double(stage % 3);
          shape.stages[stage].recompute = Seconds::of(stage % 2 ? 1 : 0);
        }
        expect_possible(shape, pipeline_timeline(shape));
        if (HasFatalFailure()) FAIL() << stages << " " << chunks << " " << batches;
      }
}

TEST(Timeline, RecomputationIsDoneBeforeEachBackward) {
  PipelineShape shape = equal(alternating, 2, 4, 1);
  for (StageTimes& times : shape.stages) times.recompute = Seconds::of(1);

  EXPECT_NEAR(total(shape), (4 + 1) * (1 + 1 + 2), 1e-9);
}

TEST(Timeline, TheSlowestStageDecidesALongStep) {
  PipelineShape shape = equal(alternating, 4, 1000, 1);
  shape.stages[2] = {Seconds::of(2), Seconds::of(4), {}};

  // Two forwards before it begins; 1 s until the last stage sends its first gradients back; then it
  // never rests, and two backwards follow its last one.
  EXPECT_NEAR(total(shape), 2 + 1 + 1000 * 6 + 2 * 2, 1e-9);
}

TEST(Timeline, TransfersDelayOnlyTheFillingOfALongPipeline) {
  PipelineShape shape = equal(alternating, 2, 1, 1);
  shape.transfer = Seconds::of(0.5);

  // Forward over, transfer, forward, backward, transfer, backward.
  EXPECT_NEAR(total(shape), 1 + 0.5 + 1 + 2 + 0.5 + 2, 1e-9);
}

}  // namespace
}  // namespace heliu::cost
