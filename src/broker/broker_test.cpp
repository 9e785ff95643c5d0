#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "broker/dispatch.h"
#include "broker/submission.h"
#include "spec/document.h"

namespace heliu::broker {
namespace {

// A broker's world below a folder of its own.
struct Desk {
  std::string folder = testing::TempDir() + "heliu-broker-" + std::to_string(getpid()) + "-" +
                       testing::UnitTest::GetInstance()->current_test_info()->name();
  std::unique_ptr<host::Files> files = host::system_files();
  std::unique_ptr<host::Clock> clock = host::system_clock();
  std::unique_ptr<host::Launcher> launcher = host::local_launcher();
  Result<ledger::Ledger> ledger = open();
  World world{*ledger, *launcher, *files, *clock, "/bin/false", folder};

  Desk() = default;
  explicit Desk(std::unique_ptr<host::Launcher> other) : launcher(std::move(other)) {}
  ~Desk() { std::filesystem::remove_all(folder); }

  Result<ledger::Ledger> open() {
    (void)files->make_folder(folder);
    return ledger::Ledger::open(folder + "/ledger.db");
  }
};

Plan plan_for(const std::string& name, int ranks = 1) {
  Plan plan;
  plan.workload.name = name;
  plan.workload.kind = WorkloadKind::bench;
  plan.parallel.dp = ranks;
  return plan;
}

std::vector<Record> run_to_end(Dispatch& dispatch) {
  std::vector<Record> all;
  while (!dispatch.over()) {
    auto records = dispatch.step(0.1_s);
    EXPECT_TRUE(records) << describe(records.error());
    if (!records) break;
    all.insert(all.end(), records->begin(), records->end());
  }
  return all;
}

std::unique_ptr<host::Launcher> saying(std::vector<host::RankLine> lines, host::RankEnd end = {}) {
  return std::make_unique<host::FakeLauncher>([lines](const auto&) { return lines; }, end);
}

TEST(Submit, NamesJobsAfterTheirWorkloadAndCountsOn) {
  Desk desk;

  EXPECT_EQ(submit(desk.world, plan_for("poems"))->id, "poems-1");
  EXPECT_EQ(submit(desk.world, plan_for("poems"))->id, "poems-2");
  EXPECT_EQ(submit(desk.world, plan_for("songs"))->id, "songs-1");
}

TEST(Submit, APlanIsOnDiskBeforeAnythingRuns) {
  Desk desk;

  auto job = submit(desk.world, plan_for("poems"));

  ASSERT_TRUE(job);
  EXPECT_EQ(read_json<Plan>({"plan", *desk.files->read(job->directory + "/plan.json")})->id,
            "poems-1");
  EXPECT_EQ(desk.ledger->job("poems-1")->state, ledger::JobState::submitted);
}

TEST(Submit, ANameCannotLeaveItsFolder) {
  Desk desk;

  EXPECT_EQ(submit(desk.world, plan_for("../../etc/x"))->id, "job..-..-etc-x-1");
}

TEST(Dispatch, RecordsAreInTheLedgerAndTheEndCarriesTheTotalTime) {
  Desk desk(saying({{0, R"({"event":"step","step":1,"loss":2.5})"},
                    {0, "a library talks"},
                    {0, R"({"event":"finished","step":1})"}}));
  auto job = submit(desk.world, plan_for("poems"));

  auto dispatch = Dispatch::start(desk.world, *job);
  ASSERT_TRUE(dispatch);
  std::vector<Record> records = run_to_end(*dispatch);

  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[1].message, "a library talks");
  EXPECT_TRUE(records[2].total_time);
  EXPECT_EQ(desk.ledger->records("poems-1", Event::step)->at(0).loss, 2.5);
  EXPECT_EQ(standing(*desk.ledger->job("poems-1")), Standing::finished);
}

TEST(Dispatch, WhatNoBrokerLivedToHearIsCaughtUpOnceBeforeTheNextAttempt) {
  Desk desk(saying({}));
  auto job = submit(desk.world, plan_for("poems"));
  std::string heard = R"({"event":"step","time":1.25,"step":1,"loss":3})",
              unheard = R"({"event":"step","time":2.5,"step":2,"loss":2})";
  Record first = *read_json<Record>({"r", heard});
  first.job = job->id;
  ASSERT_TRUE(desk.ledger->append_record(first));
  auto job_line = [&](std::string line) { return line.insert(1, R"("job":"poems-1",)") + "\n"; };
  ASSERT_TRUE(desk.files->write(diary_path(*job, 0),
                                job_line(heard) + job_line(unheard) + "{\"event\":\"st"));

  for (int attempt = 0; attempt < 2; ++attempt) {
    auto dispatch = Dispatch::start(desk.world, *job);
    ASSERT_TRUE(dispatch) << describe(dispatch.error());
    run_to_end(*dispatch);
  }

  auto steps = desk.ledger->records("poems-1", Event::step);
  ASSERT_EQ(steps->size(), 2u);
  EXPECT_EQ(steps->at(1).loss, 2);
}

TEST(Dispatch, ARankThatDiesSilentlyFailsTheJobWithItsNameAndSignal) {
  Desk desk(saying({{0, R"({"event":"checkpoint","step":50})"}}, {137, true}));
  auto job = submit(desk.world, plan_for("poems"));

  auto dispatch = Dispatch::start(desk.world, *job);
  std::vector<Record> records = run_to_end(*dispatch);

  EXPECT_EQ(records.back().event, Event::failed);
  EXPECT_EQ(records.back().message, "rank 0 was ended by signal 9; the last checkpoint is step 50");
  EXPECT_EQ(standing(*desk.ledger->job("poems-1")), Standing::failed);
}

TEST(Dispatch, AProgramThatCannotRunIsAFailedJob) {
  Desk desk;
  auto job = submit(desk.world, plan_for("poems"));

  auto dispatch = Dispatch::start(desk.world, *job);
  std::vector<Record> records = run_to_end(*dispatch);

  ASSERT_FALSE(records.empty());
  EXPECT_EQ(records[0].message, "rank 0 ended with code 1; there was no new checkpoint");
}

TEST(Dispatch, OneJobIsWorkedOnByOneProcess) {
  Desk desk(saying({}));
  auto job = submit(desk.world, plan_for("poems"));
  auto first = Dispatch::start(desk.world, *job);

  auto second = Dispatch::start(desk.world, *job);

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, Error::Kind::unreachable);
  EXPECT_EQ(standing(*desk.ledger->job("poems-1")), Standing::running);
}

TEST(Dispatch, AJobWhoseBrokerWasKilledIsInterruptedAndCanResume) {
  Desk desk;
  pid_t broker = fork();
  if (broker == 0) {
    auto job = submit(desk.world, plan_for("poems"));
    desk.world.program = "/bin/sleep";
    auto dispatch = Dispatch::start(desk.world, *job);
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  waitpid(broker, &status, 0);

  auto reopened = ledger::Ledger::open(desk.folder + "/ledger.db");
  // A rank that was only just forked holds the broker's lock until it has become its program.
  for (int i = 0; i < 200 && standing(*reopened->job("poems-1")) == Standing::running; ++i)
    usleep(50'000);
  EXPECT_EQ(standing(*reopened->job("poems-1")), Standing::interrupted);
  EXPECT_TRUE(can_resume(Standing::interrupted));
}

}  // namespace
}  // namespace heliu::broker
