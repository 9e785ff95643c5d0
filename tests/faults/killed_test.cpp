// The program as a user runs it, killed at random moments: nothing accepted is lost, and what goes
// on afterwards is the same curve, bit for bit.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <thread>

#include "app/measuring.h"
#include "cost/fixture.h"
#include "host/discover.h"
#include "ledger/store.h"

namespace heliu {
namespace {

// A state folder with a machine that need not be measured, and a workload of a few seconds.
class Killed : public testing::Test {
 protected:
  std::string folder_ = testing::TempDir() + "heliu-killed-" + std::to_string(getpid()) + "-" +
                        testing::UnitTest::GetInstance()->current_test_info()->name();
  std::string workload_ = folder_ + "/workload.yaml";
  std::mt19937 random_{std::random_device{}()};

  void SetUp() override {
    std::filesystem::create_directories(folder_);
    auto files = host::system_files();
    Coefficients known = cost::fixture::steady(1e11, 1e9, {{1, 1}, {1, 2}, {2, 1}});
    known.processor = app::processor_of(*find_island(*host::discover(*files), "host/cpu"));
    ASSERT_TRUE(ledger().append_coefficients(known));
    std::ofstream text(folder_ + "/text.txt");
    for (int i = 0; i < 500; ++i)
      text << "line " << i * 7919 % 1000 << ": the quick brown fox jumps over 13 lazy dogs\n";
    write_workload(1);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // Ranks: as many as the machine has cores for, at most two.
  void write_workload(int seed) {
    std::ofstream(workload_) << "workload: killed\nkind: train\n"
                             << "model: {layers: 2, hidden: 64, heads: 4, sequence: 32}\n"
                             << "data: {text: [text.txt]}\n"
                             << "train: {steps: 150, global_batch: 16, precision: fp32, seed: "
                             << seed << ", checkpoint_every: 7}\n"
                             << "parallel: {dp: " << (sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 2 : 1)
                             << ", threads: 1, micro_batch: 2}\n";
  }

  ledger::Ledger ledger() { return std::move(*ledger::Ledger::open(folder_ + "/ledger.db")); }

  pid_t start(const std::vector<std::string>& arguments) {
    pid_t child = fork();
    if (child != 0) return child;
    setenv("HELIU_HOME", folder_.c_str(), 1);
    setenv("OMP_WAIT_POLICY", "passive", 1);
    std::vector<std::string> words{HELIU_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    if (!freopen((folder_ + "/out").c_str(), "a", stdout) ||
        !freopen((folder_ + "/out").c_str(), "a", stderr))
      _exit(126);
    execv(pointers[0], pointers.data());
    _exit(127);
  }

  static int wait_for(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

  void sleep_up_to(int milliseconds) {
    std::this_thread::sleep_for(
        std::chrono::milliseconds(std::uniform_int_distribution(1, milliseconds)(random_)));
  }

  // Losses by step, as the ledger has them; a step that was done twice must have given the same.
  std::map<int64_t, double> losses(const std::string& job) {
    std::map<int64_t, double> by_step;
    auto steps = ledger().records(job, Event::step);
    for (const Record& record : *steps) {
      auto [known, fresh] = by_step.emplace(*record.step, *record.loss);
      EXPECT_EQ(known->second, *record.loss) << "step " << *record.step;
    }
    return by_step;
  }

  // Processes of `parent` that run a rank of ours.
  std::vector<pid_t> ranks() {
    std::vector<pid_t> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      std::ifstream file(entry.path() / "cmdline");
      std::string line((std::istreambuf_iterator<char>(file)), {});
      if (line.find(folder_) != std::string::npos && line.find("worker") != std::string::npos)
        found.push_back(pid_t(std::stol(entry.path().filename())));
    }
    return found;
  }

  // The ranks of a run that has just been started, at a random moment of their life; none if it
  // ends without.
  std::vector<pid_t> ranks_of(pid_t run) {
    for (int i = 0; i < 1200 && ranks().empty(); ++i) {
      siginfo_t ended{};
      if (waitid(P_PID, id_t(run), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == run)
        return {};
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    sleep_up_to(300);
    return ranks();
  }

  std::string output() {
    std::ifstream file(folder_ + "/out");
    return {(std::istreambuf_iterator<char>(file)), {}};
  }

  // The whole curve without any fault, by a job of its own.
  std::map<int64_t, double> undisturbed() {
    EXPECT_EQ(wait_for(start({"run", workload_, "--fresh"})), 0) << output();
    return losses(ledger().jobs()->back().id);
  }
};

TEST_F(Killed, ARankKilledAtRandomFailsTheJobAndResumingGoesOnWithTheSameCurve) {
  auto whole = undisturbed();
  ASSERT_EQ(whole.size(), 150u);
  write_workload(1);

  int killed = 0, code = 7;
  for (int round = 0; round < 40 && code != 0; ++round) {
    pid_t run = start(round == 0 ? std::vector<std::string>{"run", workload_, "--fresh"}
                                 : std::vector<std::string>{"run", "--resume"});
    std::vector<pid_t> alive = round < 8 ? ranks_of(run) : std::vector<pid_t>{};
    if (!alive.empty()) ++killed, kill(alive[random_() % alive.size()], SIGKILL);
    code = wait_for(run);
    EXPECT_TRUE(code == 0 || code == 7) << code << "\n" << output();
  }

  EXPECT_GE(killed, 2);
  EXPECT_EQ(code, 0) << output();
  EXPECT_EQ(losses(ledger().jobs()->back().id), whole);
}

TEST_F(Killed, ABrokerKilledAtRandomLosesNoJobLeavesNoRankAndTheSameCommandGoesOn) {
  auto whole = undisturbed();
  pid_t first = start({"run", workload_, "--fresh"});
  sleep_up_to(600);
  kill(first, SIGKILL);
  wait_for(first);

  int code = 137;
  for (int round = 0; round < 40 && code != 0; ++round) {
    // They end after the step they are in, which a sanitizer on a busy machine makes long.
    for (int i = 0; i < 1200 && !ranks().empty(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_TRUE(ranks().empty()) << "ranks outlived their broker";
    pid_t run = start({"run", workload_});
    if (round < 8) {
      sleep_up_to(500);
      kill(run, SIGKILL);
    }
    code = wait_for(run);
    EXPECT_TRUE(code == 0 || code == 137) << code << "\n" << output();
  }

  EXPECT_EQ(code, 0) << output();
  EXPECT_EQ(losses(ledger().jobs()->back().id), whole);
}

TEST_F(Killed, CtrlCStopsWithACheckpointAndTheSameCommandGoesOn) {
  auto whole = undisturbed();
  pid_t run = start({"run", workload_, "--fresh"});
  std::string job;
  for (int i = 0; i < 400 && (job.empty() || losses(job).size() < 5); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
    if (auto jobs = ledger().jobs(); jobs->size() == 2) job = jobs->back().id;
  }
  kill(run, SIGINT);
  EXPECT_EQ(wait_for(run), 130) << output();
  EXPECT_EQ(ledger().job(job)->state, ledger::JobState::stopped);

  EXPECT_EQ(wait_for(start({"run", workload_})), 0) << output();

  EXPECT_EQ(ledger().jobs()->size(), 2u);
  EXPECT_EQ(losses(job), whole);
}

}  // namespace
}  // namespace heliu
