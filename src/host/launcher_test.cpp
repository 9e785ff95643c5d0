#include "host/launcher.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "host/process.h"

namespace heliu::host {
namespace {

RankCommand shell(const std::string& script, const std::string& log = "/dev/null") {
  return {{"/bin/sh", "-c", script}, log};
}

std::vector<std::string> all_lines(Running& running) {
  std::vector<std::string> texts;
  for (int r = 0; r < running.size(); ++r)
    while (!running.ended(r))
      for (const RankLine& line : running.lines(0.05_s)) texts.push_back(line.text);
  return texts;
}

TEST(LocalLauncher, HearsEveryWholeLine) {
  auto running = local_launcher()->start({shell("printf 'a\\nb'; sleep 0.1; printf 'c\\n'")});
  ASSERT_TRUE(running);

  EXPECT_EQ(all_lines(**running), (std::vector<std::string>{"a", "bc"}));
  EXPECT_EQ((*running)->ended(0)->code, 0);
}

TEST(LocalLauncher, TellsExitCodesFromSignals) {
  auto running = local_launcher()->start({shell("exit 3"), shell("kill -9 $$")});
  ASSERT_TRUE(running);
  all_lines(**running);

  EXPECT_EQ((*running)->ended(0)->code, 3);
  EXPECT_FALSE((*running)->ended(0)->signalled);
  EXPECT_EQ((*running)->ended(1)->code, 137);
  EXPECT_TRUE((*running)->ended(1)->signalled);
}

TEST(LocalLauncher, StandardErrorGoesToTheLog) {
  std::string log = testing::TempDir() + "heliu-log-" + std::to_string(getpid());
  auto running = local_launcher()->start({shell("echo out; echo err >&2", log)});
  ASSERT_TRUE(running);
  all_lines(**running);

  std::stringstream text;
  text << std::ifstream(log).rdbuf();
  EXPECT_EQ(text.str(), "err\n");
  ::unlink(log.c_str());
}

TEST(LocalLauncher, AProgramThatIsNotThereEndsWith127) {
  auto running = local_launcher()->start({{{"/no/such/program"}, "/dev/null"}});
  ASSERT_TRUE(running);
  all_lines(**running);

  EXPECT_EQ((*running)->ended(0)->code, 127);
}

TEST(LocalLauncher, RanksDoNotOutliveTheirStarter) {
  int report[2];
  ASSERT_EQ(pipe(report), 0);
  pid_t starter = fork();
  if (starter == 0) {
    auto running = local_launcher()->start({shell("sleep 60")});
    int rank = (*running)->process(0);
    if (write(report[1], &rank, sizeof rank) < 0) _exit(1);
    kill(getpid(), SIGKILL);
  }
  int rank = 0;
  ASSERT_EQ(read(report[0], &rank, sizeof rank), ssize_t(sizeof rank));

  // A reaped or zombie rank answers to no command line.
  auto gone = [&] {
    std::ifstream command("/proc/" + std::to_string(rank) + "/cmdline");
    return command.peek() == EOF;
  };
  for (int i = 0; i < 100 && !gone(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_TRUE(gone());
}

TEST(LocalLauncher, AskingToStopIsHeard) {
  auto running = local_launcher()->start(
      {shell("trap 'echo saved; exit 0' TERM; echo ready; while :; do sleep 0.05; done")});
  ASSERT_TRUE(running);
  std::vector<RankLine> first;
  while (first.empty()) first = (*running)->lines(1.0_s);

  (*running)->ask_to_stop();

  EXPECT_EQ(all_lines(**running), std::vector<std::string>{"saved"});
}

TEST(FakeLauncher, SaysItsScriptOnce) {
  FakeLauncher launcher([](const std::vector<RankCommand>& ranks) {
    return std::vector<RankLine>{{int(ranks.size()) - 1, "hello"}};
  });
  auto running = launcher.start({{}, {}});

  EXPECT_EQ((*running)->lines({}).at(0).rank, 1);
  EXPECT_TRUE((*running)->lines({}).empty());
  EXPECT_EQ((*running)->ended(1)->code, 0);
}

}  // namespace
}  // namespace heliu::host
