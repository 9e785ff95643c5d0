#include "cost/share.h"

#include <gtest/gtest.h>

namespace heliu::cost {
namespace {

// 14 rows of embeddings of 8; a block of 872; a final norm of 16: together 1000 parameters.
Model tiny(int64_t layers = 1) {
  return {.layers = layers,
          .hidden = 8,
          .heads = 2,
          .sequence = 4,
          .feed_forward = 32,
          .vocabulary = 10};
}

TEST(Share, OfOneRankIsTheWholeModel) {
  EXPECT_EQ(parameters(tiny(), {1, true, true}, 1), 1000);
  EXPECT_EQ(parameters(tiny(), {1, true, true}, 1), parameter_count(tiny()));
  EXPECT_EQ(parameters(tiny(5), {5, true, true}, 1), parameter_count(tiny(5)));
}

TEST(Share, OfTensorParallelRanksCutsMatricesAndColumnBiasesOnly) {
  // Block: (768 weights + 24 qkv biases + 32 fc1 biases) / 2 + 16 row biases + 32 of norms = 460.
  EXPECT_EQ(parameters(tiny(), {1, true, true}, 2), 112 + 460 + 16);
}

TEST(Share, OfPipelineStagesHoldsTheTiedEmbeddingTwice) {
  auto two = stages(tiny(2), 2);

  EXPECT_EQ(parameters(tiny(2), two[0], 1), 112 + 872);
  EXPECT_EQ(parameters(tiny(2), two[1], 1), 872 + 16 + 80);
}

TEST(Stages, SpreadTheBlocksEvenly) {
  auto three = stages(tiny(7), 3);

  EXPECT_EQ(three[0].layers, 2);
  EXPECT_EQ(three[1].layers, 2);
  EXPECT_EQ(three[2].layers, 3);
  EXPECT_TRUE(three[0].first && !three[0].last && !three[1].first && !three[1].last &&
              three[2].last);
}

TEST(Stages, WaitForTheOneWithTheHeadWhenBlocksAreEqual) {
  Stage slowest = slowest_stage(tiny(4), 2);

  EXPECT_TRUE(slowest.last);
  EXPECT_EQ(slowest.layers, 2);
}

}  // namespace
}  // namespace heliu::cost
