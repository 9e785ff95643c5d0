#include "train/schedule.h"

#include <gtest/gtest.h>

namespace heliu::train {
namespace {

// Peak 1, floor 0.2, 4 steps up and 8 steps down.
const Schedule schedule{1.0, 0.2, 4, 12};

TEST(LearningRate, RisesInEqualSteps) {
  EXPECT_DOUBLE_EQ(learning_rate(schedule, 0), 0.25);
  EXPECT_DOUBLE_EQ(learning_rate(schedule, 1), 0.5);
  EXPECT_DOUBLE_EQ(learning_rate(schedule, 3), 1.0);
}

TEST(LearningRate, FallsAlongACosine) {
  EXPECT_DOUBLE_EQ(learning_rate(schedule, 4), 1.0);
  EXPECT_NEAR(learning_rate(schedule, 6), 0.2 + 0.8 * 0.8535533906, 1e-9);  // (1 + cos 45) / 2
  EXPECT_NEAR(learning_rate(schedule, 8), 0.6, 1e-12);                      // half way
  EXPECT_NEAR(learning_rate(schedule, 10), 0.2 + 0.8 * 0.1464466094, 1e-9);
}

TEST(LearningRate, StaysAtTheFloorAfterTheEnd) {
  EXPECT_DOUBLE_EQ(learning_rate(schedule, 12), 0.2);
  EXPECT_DOUBLE_EQ(learning_rate(schedule, 1000), 0.2);
}

TEST(LearningRate, NeedsNoRise) { EXPECT_DOUBLE_EQ(learning_rate({1.0, 0.0, 0, 10}, 0), 1.0); }

TEST(LearningRate, MayRiseAllTheWay) { EXPECT_DOUBLE_EQ(learning_rate({1.0, 0.1, 4, 4}, 3), 1.0); }

}  // namespace
}  // namespace heliu::train
