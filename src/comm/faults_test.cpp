// What the others see when a rank dies, stays silent, leaves or does something else.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>

#include "comm/testing_ranks.h"

namespace heliu::comm {
namespace {

using namespace std::chrono_literals;
using testing::Child;

std::vector<float> big(size_t(1) << 20);

void reduce_for_ever(Group& group) {
  while (true) group.all_reduce(big);
}

std::vector<Child> start(int size, std::chrono::seconds patience, const testing::Body& body) {
  std::string name = testing::fresh_name();
  std::vector<Child> ranks;
  for (int rank = 0; rank < size; ++rank)
    ranks.push_back(testing::start_rank({name, rank, size, patience}, body));
  return ranks;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

TEST(LostRank, KilledInACollectiveIsNamedByAllWithinSeconds) {
  auto ranks = start(3, 30s, reduce_for_ever);
  usleep(300000);

  auto killed = std::chrono::steady_clock::now();
  kill(ranks[1].pid, SIGKILL);

  std::string dead = "rank 1 (pid " + std::to_string(ranks[1].pid) + ") died while rank ";
  for (int rank : {0, 2}) {
    std::string said = testing::outcome(ranks[size_t(rank)]);
    EXPECT_NE(said.find(dead + std::to_string(rank) + " waited for "), std::string::npos) << said;
    EXPECT_NE(said.find(" in all_reduce"), std::string::npos) << said;
  }
  EXPECT_LT(seconds_since(killed), 5);
  EXPECT_EQ(testing::outcome(ranks[1]), "killed by signal 9");
}

TEST(LostRank, SilentOneIsNamedAfterPatience) {
  auto ranks = start(2, 1s, reduce_for_ever);
  usleep(300000);

  auto stopped = std::chrono::steady_clock::now();
  kill(ranks[1].pid, SIGSTOP);

  std::string said = testing::outcome(ranks[0]);
  EXPECT_EQ(said, "rank 1 (pid " + std::to_string(ranks[1].pid) +
                      ") was silent for 1 s while rank 0 waited in all_reduce");
  EXPECT_GE(seconds_since(stopped), 0.9);
  EXPECT_LT(seconds_since(stopped), 5);
  kill(ranks[1].pid, SIGKILL);
  testing::outcome(ranks[1]);
}

// Rank 0 waits for 1 and 1, a little later, for 2: the one to blame is 2.
TEST(LostRank, SilentOneIsFoundAtTheEndOfAChain) {
  auto ranks = start(3, 1s, [](Group& group) {
    std::byte token{};
    if (group.rank() == 0) group.receive({&token, 1}, 1);
    if (group.rank() == 1) usleep(700000), group.receive({&token, 1}, 2);
    if (group.rank() == 2) pause();
  });

  std::string said = testing::outcome(ranks[0]);

  EXPECT_EQ(said.rfind("rank 2 (pid ", 0), 0u) << said;
  kill(ranks[2].pid, SIGKILL);
  for (int rank : {1, 2}) testing::outcome(ranks[size_t(rank)]);
}

TEST(LostRank, OneThatLeftIsNotWaitedFor) {
  auto outcomes = testing::run_processes(2, [](Group& group) {
    std::byte token{};
    if (group.rank() == 0) group.receive({&token, 1}, 1);
  });

  EXPECT_NE(outcomes[0].find("left the group while rank 0 waited for it in receive"),
            std::string::npos)
      << outcomes[0];
}

TEST(LostRank, OneThatEndedAfterItsPartDoesNoHarm) {
  auto outcomes = testing::run_processes(3, [](Group& group) {
    std::byte token{};
    if (group.rank() == 2) return group.send({&token, 1}, 0);
    usleep(200000);  // rank 2 is gone by now
    if (group.rank() == 0)
      group.receive({&token, 1}, 2), usleep(150000), group.send({&token, 1}, 1);
    if (group.rank() == 1) group.receive({&token, 1}, 0);
  });

  EXPECT_EQ(outcomes, testing::Outcomes(3, ""));
}

TEST(MixedUpRanks, DifferentOperationsAreTold) {
  auto outcomes = testing::run_processes(2, [](Group& group) {
    std::vector<float> data(4), all(8);
    if (group.rank() == 0)
      group.all_reduce(data);
    else
      group.all_gather(data, all);
  });

  EXPECT_EQ(outcomes[0],
            "rank 1 called all_gather of 32 bytes where rank 0 called all_reduce of 16 bytes");
  EXPECT_EQ(outcomes[1],
            "rank 0 called all_reduce of 16 bytes where rank 1 called all_gather of 32 bytes");
}

TEST(MixedUpRanks, MessagesOfAnotherLengthAreTold) {
  auto outcomes = testing::run_processes(2, [](Group& group) {
    std::byte bytes[16]{};
    if (group.rank() == 0)
      group.send({bytes, 16}, 1);
    else
      group.receive({bytes, 12}, 0);
  });

  EXPECT_EQ(outcomes[1], "rank 0 sent 16 bytes where rank 1 receives 12 bytes");
}

TEST(MixedUpRanks, AGroupThatFailedStaysFailed) {
  auto outcomes = testing::run_processes(2, [](Group& group) {
    if (group.rank() == 1) return;
    EXPECT_THROW(group.barrier(), CommError);
    group.barrier();
  });

  EXPECT_EQ(outcomes[0].rfind("the group failed before: rank 1 ", 0), 0u) << outcomes[0];
}

}  // namespace
}  // namespace heliu::comm
