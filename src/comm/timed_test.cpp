#include "comm/timed.h"

#include <gtest/gtest.h>

#include <array>
#include <thread>

namespace heliu::comm {
namespace {

TEST(TimedGroup, CountsTheTimeThatARankWaitsForAnother) {
  std::array<double, 2> seconds{};
  auto rank = [&](int r) {
    auto group = join("shm", {.name = "timed-test", .rank = r, .size = 2});
    auto watched = timed(*group, seconds[size_t(r)]);
    if (r == 1) std::this_thread::sleep_for(std::chrono::milliseconds(200));
    std::array<double, 1> one{1};
    watched->all_reduce(std::span<double>(one));
    EXPECT_EQ(one[0], 2);
  };

  std::thread other(rank, 1);
  rank(0);
  other.join();

  EXPECT_GT(seconds[0], 0.1);
  EXPECT_LT(seconds[1], seconds[0]);
}

}  // namespace
}  // namespace heliu::comm
