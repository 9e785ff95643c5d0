#include "cost/memory.h"

#include <gtest/gtest.h>

namespace heliu::cost {
namespace {

// 16 rows of 8 columns: every buffer but the last logits is a multiple of 64 bytes.
Model tiny(int64_t layers = 1) {
  return {.layers = layers,
          .hidden = 8,
          .heads = 2,
          .sequence = 16,
          .feed_forward = 32,
          .vocabulary = 10};
}

Plan plan_of(Parallel parallel, Precision precision = Precision::fp32) {
  Plan plan;
  plan.parallel = parallel;
  plan.precision = precision;
  return plan;
}

TEST(Activations, OfOneLayerCountAsByHand) {
  // A norm: 512 + 512 + 2 * 64. Block: two norms, qkv 1536, context 512, log-sum-exp 128, GELU
  // 4096.
  int64_t norm = 1152, block = 2 * norm + 1536 + 512 + 128 + 4096;
  int64_t head = norm + 2 * 64 + 640 + 64;   // norm, targets and losses, logits, last logits
  int64_t scratch = 512 + 512 + 512 + 2048;  // branch, two gradients, the widest gradient
  int64_t ids = 64;

  EXPECT_EQ(activations(tiny(), {1, true, true}, 1, 1, Precision::fp32).base(),
            double(block + head + scratch + ids));
}

TEST(Activations, OfMoreMicroBatchesInFlightShareTheScratch) {
  Stage stage{1, true, false};

  Bytes one = activations(tiny(), stage, 1, 1, Precision::fp32, 1);
  Bytes three = activations(tiny(), stage, 1, 1, Precision::fp32, 3);

  EXPECT_EQ((three - one).base(), 2 * (8576 + 64));
}

TEST(Memory, CountsWeightsGradientsAndMomentsPerParameter) {
  MemoryParts fp32 = memory(tiny(), plan_of({}), 7.0_MB);
  MemoryParts bf16 = memory(tiny(), plan_of({}, Precision::bf16), 7.0_MB);

  double count = double(parameter_count(tiny()));
  EXPECT_EQ(fp32.weights.base(), 4 * count);
  EXPECT_EQ(bf16.weights.base(), 6 * count);
  EXPECT_EQ(fp32.gradients.base(), 4 * count);
  EXPECT_EQ(fp32.optimizer.base(), 8 * count);
  EXPECT_EQ(fp32.runtime, 7.0_MB);
  EXPECT_EQ(fp32.buffers.base(), 12 * 16);
  EXPECT_LT(bf16.activations, fp32.activations);
}

TEST(Memory, HoldsTheSharedSlotsOnlyWhereRanksMeet) {
  double slots = 8 * (262144 + 64) + 256;

  EXPECT_EQ(collective_buffers(1).base(), 0);
  EXPECT_EQ(collective_buffers(2).base(), 2 * slots + 128);
  EXPECT_EQ(
      (memory(tiny(), plan_of({2, 1, 1}), {}).buffers - memory(tiny(), plan_of({}), {}).buffers)
          .base(),
      2 * slots + 128);
}

TEST(Memory, OfAPipelineIsThatOfTheStageThatNeedsMost) {
  Plan plan = plan_of({1, 1, 4});
  plan.accumulation = 8;

  MemoryParts most = memory(tiny(4), plan, {});

  for (int stage = 0; stage < 4; ++stage)
    EXPECT_LE(total(memory_of_stage(tiny(4), plan, stage, {})), total(most));
  // Blocks are equal, and the first stage keeps four micro-batches, the last one.
  EXPECT_EQ(most.activations, memory_of_stage(tiny(4), plan, 0, {}).activations);
}

}  // namespace
}  // namespace heliu::cost
