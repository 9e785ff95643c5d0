#include "ledger/store.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "ledger/database.h"
#include "ledger/fixture.h"
#include "ledger/schema.h"
#include "spec/document.h"

namespace heliu::ledger {
namespace {

using fixture::Folder;
using fixture::job;
using fixture::record;

TEST(Ledger, GivesBackTheJobsItWasGiven) {
  Folder folder;
  Job given = job("poems-1");
  given.plan.reason = "因为快";
  {
    auto ledger = Ledger::open(folder.file());
    ASSERT_TRUE(ledger) << describe(ledger.error());
    ASSERT_TRUE(ledger->append_job(given));
    ASSERT_TRUE(ledger->append_job(job("poems-2")));
  }

  auto jobs = Ledger::open(folder.file())->jobs();

  ASSERT_EQ(jobs->size(), 2u);
  EXPECT_EQ(jobs->at(0).id, "poems-1");
  EXPECT_EQ(jobs->at(1).id, "poems-2");
  EXPECT_EQ(jobs->at(0).time, 1000);
  EXPECT_EQ(jobs->at(0).directory, "runs/poems-1");
  EXPECT_EQ(to_line(jobs->at(0).plan), to_line(given.plan));
}

TEST(Ledger, RefusesAJobTwice) {
  Folder folder;
  auto ledger = Ledger::open(folder.file());
  ASSERT_TRUE(ledger->append_job(job("poems-1")));

  auto again = ledger->append_job(job("poems-1"));

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message, "the ledger has this job already: poems-1");
  EXPECT_EQ(ledger->jobs()->size(), 1u);
}

TEST(Ledger, FindsAJobByTheBeginningOfItsId) {
  Folder folder;
  auto ledger = Ledger::open(folder.file());
  for (auto id : {"poems-1", "poems-12", "songs-1"}) ASSERT_TRUE(ledger->append_job(job(id)));

  EXPECT_EQ(ledger->job("so")->id, "songs-1");
  EXPECT_EQ(ledger->job("poems-1")->id, "poems-1");  // whole ids come first
  EXPECT_EQ(ledger->job("poems").error().message,
            "several jobs begin with poems: poems-1, poems-12, ...");
  EXPECT_EQ(ledger->job("x").error().kind, Error::Kind::not_found);
  EXPECT_EQ(ledger->job("").error().kind, Error::Kind::not_found);
  EXPECT_EQ(ledger->job("%").error().kind, Error::Kind::not_found);
}

TEST(Ledger, FindsTheLatestJobOfAWorkload) {
  Folder folder;
  auto ledger = Ledger::open(folder.file());
  ASSERT_TRUE(ledger->append_job(job("a", "same")));
  ASSERT_TRUE(ledger->append_job(job("b", "same")));
  ASSERT_TRUE(ledger->append_job(job("c", "other")));

  EXPECT_EQ(ledger->latest_by_fingerprint("same")->value().id, "b");
  EXPECT_FALSE(ledger->latest_by_fingerprint("none")->has_value());
}

TEST(Ledger, KeepsRecordsInTheirOrder) {
  Folder folder;
  auto ledger = Ledger::open(folder.file());
  ASSERT_TRUE(ledger->append_job(job("a")));
  std::vector<Record> some = {record("a", Event::launched), record("a", Event::step, 1),
                              record("a", Event::step, 2)};
  ASSERT_TRUE(ledger->append_records(some));
  ASSERT_TRUE(ledger->append_record(record("a", Event::finished)));

  auto all = ledger->records("a");
  auto steps = ledger->records("a", Event::step);

  ASSERT_EQ(all->size(), 4u);
  EXPECT_EQ(all->at(0).event, Event::launched);
  EXPECT_EQ(all->at(3).event, Event::finished);
  ASSERT_EQ(steps->size(), 2u);
  EXPECT_EQ(steps->at(1).step, 2);
}

TEST(Ledger, AppendsAllRecordsOfABatchOrNone) {
  Folder folder;
  auto ledger = Ledger::open(folder.file());
  ASSERT_TRUE(ledger->append_job(job("a")));
  std::vector<Record> some = {record("a", Event::launched), record("nobody", Event::launched)};

  auto refused = ledger->append_records(some);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "the ledger has no job nobody");
  EXPECT_TRUE(ledger->records("a")->empty());
  EXPECT_EQ(ledger->records("nobody").error().kind, Error::Kind::not_found);
}

TEST(Ledger, KeepsFieldsThatThisVersionDoesNotKnow) {
  Folder folder;
  auto ledger = Ledger::open(folder.file());
  Job with = job("a");
  with.plan.extra = {{"colour", "{\"red\":1}"}};
  Record note = *read_json<Record>({"line", R"({"event":"note","job":"a","temperature":[1,2]})"});
  ASSERT_TRUE(ledger->append_job(with));
  ASSERT_TRUE(ledger->append_record(note));

  EXPECT_NE(to_line(ledger->job("a")->plan).find(R"("colour":{"red":1})"), std::string::npos);
  EXPECT_NE(to_line(ledger->records("a")->at(0)).find(R"("temperature":[1,2])"), std::string::npos);
}

TEST(Ledger, KeepsTheLatestCoefficientsOfEachIsland) {
  Folder folder;
  auto ledger = Ledger::open(folder.file());
  Coefficients one, two;
  one.island = two.island = "host/cpu";
  one.source = "bench-1";
  two.source = "poems-1";
  ASSERT_TRUE(ledger->append_coefficients(one));
  ASSERT_TRUE(ledger->append_coefficients(two));

  EXPECT_EQ(ledger->coefficients("host/cpu")->value().source, "poems-1");
  EXPECT_FALSE(ledger->coefficients("host/gpu")->has_value());
  EXPECT_FALSE(ledger->append_coefficients({}));
}

TEST(JobState, FollowsFromTheRecordsSinceTheLastLaunch) {
  auto state = [](std::vector<Event> events) { return state_of(events); };
  using enum Event;

  EXPECT_EQ(state({}), JobState::submitted);
  EXPECT_EQ(state({submitted}), JobState::submitted);
  EXPECT_EQ(state({submitted, launched, started}), JobState::running);
  EXPECT_EQ(state({submitted, launched, stopped}), JobState::stopped);
  EXPECT_EQ(state({submitted, launched, stopped, launched}), JobState::running);
  EXPECT_EQ(state({submitted, launched, failed, stopped}), JobState::failed);
  EXPECT_EQ(state({submitted, launched, failed, launched, started, finished}), JobState::finished);
}

TEST(JobState, IsDerivedForEveryJobThatIsRead) {
  Folder folder;
  auto ledger = Ledger::open(folder.file());
  ASSERT_TRUE(ledger->append_job(job("a")));
  EXPECT_EQ(ledger->job("a")->state, JobState::submitted);
  ASSERT_TRUE(ledger->append_records(
      std::vector{record("a", Event::launched), record("a", Event::step, 1)}));
  EXPECT_EQ(ledger->job("a")->state, JobState::running);
  ASSERT_TRUE(ledger->append_record(record("a", Event::stopped)));
  EXPECT_EQ(ledger->job("a")->state, JobState::stopped);
  ASSERT_TRUE(ledger->append_records(
      std::vector{record("a", Event::launched), record("a", Event::finished)}));
  EXPECT_EQ(ledger->jobs()->at(0).state, JobState::finished);
}

TEST(Ledger, CannotBeRewrittenEvenBySql) {
  Folder folder;
  auto ledger = Ledger::open(folder.file());
  ASSERT_TRUE(ledger->append_job(job("a")));
  ASSERT_TRUE(ledger->append_record(record("a", Event::launched)));
  Coefficients some;
  some.island = "host/cpu";
  ASSERT_TRUE(ledger->append_coefficients(some));
  Database intruder(folder.file(), 1000);

  for (auto sql : {"DELETE FROM jobs", "UPDATE jobs SET directory = ''", "DELETE FROM records",
                   "UPDATE records SET event = 'finished'", "DELETE FROM coefficients",
                   "UPDATE coefficients SET json = '{}'"})
    EXPECT_THROW(intruder.run(sql), DatabaseError) << sql;
}

TEST(Ledger, RefusesForeignNewerAndDamagedFiles) {
  Folder folder;
  Database(folder.file("foreign.db"), 1000).run("CREATE TABLE recipes(name TEXT)");
  ASSERT_TRUE(Ledger::open(folder.file("newer.db")));
  Database(folder.file("newer.db"), 1000).run("PRAGMA user_version = 99");
  std::ofstream(folder.file("text.db")) << std::string(5000, 'x');

  auto foreign = Ledger::open(folder.file("foreign.db"));
  auto newer = Ledger::open(folder.file("newer.db"));
  auto text = Ledger::open(folder.file("text.db"));
  auto nowhere = Ledger::open(folder.file("no/such/folder.db"));

  EXPECT_EQ(foreign.error().message, "the file is a database, but no ledger");
  EXPECT_EQ(newer.error().message, "the ledger was written by a newer version of heliu");
  EXPECT_EQ(text.error().message, "the ledger cannot be used: file is not a database");
  EXPECT_EQ(text.error().where, folder.file("text.db"));
  EXPECT_EQ(nowhere.error().message, "the ledger cannot be used: unable to open database file");
  for (auto* one : {&foreign, &newer, &text, &nowhere}) {
    EXPECT_EQ(one->error().kind, Error::Kind::environment);
    EXPECT_FALSE(one->error().hint.empty());
  }
}

TEST(Ledger, NoticesPagesThatWereOverwritten) {
  Folder folder;
  {
    auto ledger = Ledger::open(folder.file());
    ASSERT_TRUE(ledger->append_job(job("a")));
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(ledger->append_record(record("a", Event::step, i)));
  }
  std::fstream file(folder.file(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096);
  file << std::string(40000, '\xee');
  file.close();

  auto ledger = Ledger::open(folder.file());
  auto read =
      ledger ? ledger->records("a").map([](auto) {}) : Result<void>(tl::unexpected(ledger.error()));

  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, Error::Kind::environment);
  EXPECT_EQ(read.error().where, folder.file());
}

TEST(Ledger, LosesNothingWhenTwoProcessesAppendAtOnce) {
  Folder folder;
  constexpr int writers = 4, each = 25;
  std::vector<pid_t> children;
  for (int w = 0; w < writers; ++w) {
    pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      // All four may find no file and create it at the same moment.
      auto ledger = Ledger::open(folder.file());
      if (!ledger) std::fprintf(stderr, "%s\n", describe(ledger.error()).c_str());
      bool good = ledger.has_value();
      std::string id = "job-" + std::to_string(w);
      good = good && ledger->append_job(job(id));
      for (int i = 0; i < each && good; ++i)
        good = ledger->append_record(record(id, Event::step, i)).has_value();
      _exit(good ? 0 : 1);
    }
    children.push_back(child);
  }
  for (pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }

  auto ledger = Ledger::open(folder.file());

  auto jobs = ledger->jobs();
  ASSERT_EQ(jobs->size(), size_t(writers));
  for (const Job& one : *jobs) {
    auto records = ledger->records(one.id);
    ASSERT_EQ(records->size(), size_t(each));
    for (int i = 0; i < each; ++i) EXPECT_EQ(records->at(size_t(i)).step, i);
  }
}

}  // namespace
}  // namespace heliu::ledger
