// Ranks that are threads of one process: a race detector sees them all.
#include <gtest/gtest.h>

#include "comm/testing_ranks.h"

namespace heliu::comm {
namespace {

using testing::Outcomes;

TEST(RanksAsThreads, AddPassOnAndMeet) {
  auto outcomes = testing::run_threads(3, [](Group& group) {
    for (size_t length : {size_t{1}, size_t{1000}, size_t{700001}}) {
      std::vector<float> data(length, float(group.rank() + 1)), more = data;
      Pending pending = group.start_all_reduce(data);
      group.all_reduce(more);
      group.wait(pending);
      EXPECT_EQ(data, std::vector<float>(length, 6.f));  // 1 + 2 + 3
      EXPECT_EQ(more, data);
    }
    group.barrier();
    std::vector<int> number{group.rank()};
    if (group.rank() == 0) group.send(std::as_bytes(std::span(number)), 2);
    if (group.rank() == 2) group.receive(std::as_writable_bytes(std::span(number)), 0);
    EXPECT_EQ(number[0], group.rank() == 1 ? 1 : 0);
  });

  EXPECT_EQ(outcomes, Outcomes(3, ""));
}

TEST(RanksAsThreads, LearnThatOneLeftThoughItsProcessLives) {
  auto outcomes = testing::run_threads(2, [](Group& group) {
    if (group.rank() == 0) group.barrier();
  });

  EXPECT_NE(outcomes[0].find("rank 1 (pid "), std::string::npos) << outcomes[0];
  EXPECT_NE(outcomes[0].find("left the group while rank 0 waited for it in barrier"),
            std::string::npos);
}

}  // namespace
}  // namespace heliu::comm
