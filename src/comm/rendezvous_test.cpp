// Meeting by name: late, twice, after a crash, side by side.
#include "comm/shm/rendezvous.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "comm/testing_ranks.h"

namespace heliu::comm {
namespace {

using namespace std::chrono_literals;

std::string error_of(const Membership& membership, const std::string& transport = "shm") {
  try {
    join(transport, membership);
  } catch (const CommError& error) {
    return error.what();
  }
  return "";
}

void add_ones(Group& group) {
  std::vector<float> one{1};
  group.all_reduce(one);
  EXPECT_EQ(one[0], float(group.size()));
}

TEST(Meeting, LeavesNoNameBehind) {
  std::string name = testing::fresh_name();
  auto rank_1 = testing::start_rank({name, 1, 2, 30s}, [](Group& group) { group.barrier(); });

  auto rank_0 = join("shm", {name, 0, 2, 30s});

  EXPECT_FALSE(std::filesystem::exists(shm::meeting_path(name)));
  rank_0->barrier();
  EXPECT_EQ(testing::outcome(rank_1), "");
}

TEST(Meeting, OneNameServesManyGroupsInTurn) {
  std::string name = testing::fresh_name();
  auto outcomes = testing::run_processes(3, [&](Group& outer) {
    for (int i = 0; i < 50; ++i) add_ones(*join("shm", {name, outer.rank(), outer.size(), 30s}));
  });

  EXPECT_EQ(outcomes, testing::Outcomes(3, ""));
}

TEST(Meeting, TwoGroupsOfOneProcessDoNotMix) {
  std::string name = testing::fresh_name();
  auto outcomes = testing::run_processes(4, [&](Group& all) {
    int pair = all.rank() / 2;
    auto half = join("shm", {name + "-" + std::to_string(pair), all.rank() % 2, 2, 30s});
    for (int i = 0; i < 100; ++i) {
      std::vector<float> mine{float(all.rank())}, whole = mine;
      half->all_reduce(mine);
      all.all_reduce(whole);
      EXPECT_EQ(mine[0], pair == 0 ? 1.f : 5.f);  // 0 + 1, 2 + 3
      EXPECT_EQ(whole[0], 6.f);
    }
  });

  EXPECT_EQ(outcomes, testing::Outcomes(4, ""));
}

TEST(Meeting, ReplacesWhatADeadRunLeft) {
  std::string name = testing::fresh_name();
  auto first_run = testing::start_rank({name, 0, 2, 30s}, add_ones);
  while (!std::filesystem::exists(shm::meeting_path(name))) usleep(1000);
  kill(first_run.pid, SIGKILL);
  EXPECT_EQ(testing::outcome(first_run), "killed by signal 9");
  ASSERT_TRUE(std::filesystem::exists(shm::meeting_path(name)));

  std::vector<testing::Child> second_run;
  for (int rank = 0; rank < 4; ++rank)
    second_run.push_back(testing::start_rank({name, rank, 4, 30s}, add_ones));

  for (auto rank : second_run) EXPECT_EQ(testing::outcome(rank), "");
  EXPECT_FALSE(std::filesystem::exists(shm::meeting_path(name)));
}

TEST(Meeting, NamesWhoDidNotComeAndCleansUp) {
  std::string name = testing::fresh_name();

  EXPECT_EQ(error_of({name, 1, 3, 1s}), "rank 0, 2 of group " + name + " did not come within 1 s");
  EXPECT_FALSE(std::filesystem::exists(shm::meeting_path(name)));
}

TEST(Meeting, NoticesARankThatDiesWhileOthersAreAwaited) {
  std::string name = testing::fresh_name();
  auto creator = testing::start_rank({name, 0, 3, 30s}, add_ones);
  while (!std::filesystem::exists(shm::meeting_path(name))) usleep(1000);
  auto other = testing::start_rank({name, 1, 3, 30s}, add_ones);
  usleep(200000);

  kill(other.pid, SIGKILL);

  EXPECT_EQ(testing::outcome(creator), "rank 1 (pid " + std::to_string(other.pid) +
                                           ") died while group " + name + " gathered");
  testing::outcome(other);
}

TEST(Meeting, RefusesASecondRankOfTheSameNumberAndAnotherSize) {
  std::string name = testing::fresh_name();
  auto first = testing::start_rank({name, 0, 2, 30s}, add_ones);
  while (!std::filesystem::exists(shm::meeting_path(name))) usleep(1000);
  usleep(100000);

  EXPECT_EQ(error_of({name, 0, 2, 1s}),
            "rank 0 of group " + name + " is there already, pid " + std::to_string(first.pid));
  EXPECT_NE(error_of({name, 1, 3, 1s}).find("has 2 ranks for pid"), std::string::npos);
  add_ones(*join("shm", {name, 1, 2, 30s}));
  EXPECT_EQ(testing::outcome(first), "");
}

TEST(Meeting, RefusesAForeignFile) {
  std::string name = testing::fresh_name();
  std::ofstream(shm::meeting_path(name)) << "something else";

  std::string said = error_of({name, 0, 2, 1s});

  EXPECT_EQ(said, shm::meeting_path(name) +
                      " is no segment of this version of heliu; remove it if nothing uses it");
  std::filesystem::remove(shm::meeting_path(name));
}

TEST(Meeting, RefusesBadMemberships) {
  EXPECT_EQ(error_of({"a/b", 0, 1, 1s}),
            "a group's name is 1 to 200 letters, digits, '-', '_' or '.': 'a/b'");
  EXPECT_EQ(error_of({"g", 2, 2, 1s}), "group g of 2 has no rank 2");
  EXPECT_EQ(error_of({"g", 0, 0, 1s}), "group g needs 1 to 256 ranks: 0");
  EXPECT_EQ(error_of({"g", 0, 1, 1s}, "pigeon"), "no transport 'pigeon'; there are: shm");
}

}  // namespace
}  // namespace heliu::comm
