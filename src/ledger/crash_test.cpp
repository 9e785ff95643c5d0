// A writer is killed with SIGKILL at random moments; what it was told is written must be there.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "ledger/fixture.h"

namespace heliu::ledger {
namespace {

using fixture::Folder;

// Appends jobs, each with two records in one batch, and reports each on the pipe when the append
// has returned. Ends only by being killed, or with 1 on a fault.
[[noreturn]] void write_until_killed(const std::string& path, int round, int report) {
  auto ledger = Ledger::open(path);
  if (!ledger) _exit(1);
  for (int32_t i = 0;; ++i) {
    std::string id = std::to_string(round) + "-" + std::to_string(i);
    if (!ledger->append_job(fixture::job(id))) _exit(1);
    std::vector<Record> both = {fixture::record(id, Event::submitted),
                                fixture::record(id, Event::launched)};
    if (!ledger->append_records(both)) _exit(1);
    if (write(report, &i, sizeof i) != sizeof i) _exit(1);
  }
}

// How many jobs the writer reported before it died.
int32_t kill_after(useconds_t delay, pid_t child, int report) {
  usleep(delay);
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the writer failed by itself";
  int32_t last = -1, next;
  while (read(report, &next, sizeof next) == sizeof next) last = next;
  return last + 1;
}

TEST(Crash, OfAWriterLosesNoJobWhoseAppendReturned) {
  Folder folder;
  constexpr int rounds = 40;
  int64_t reported_in_all = 0;

  for (int round = 0; round < rounds; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) write_until_killed(folder.file(), round, ends[1]);
    close(ends[1]);
    // From within the opening of the file to well into the writing.
    auto delay = useconds_t(60'000 * random_uniform(7, uint64_t(round)));
    int32_t reported = kill_after(delay, child, ends[0]);
    close(ends[0]);
    reported_in_all += reported;

    auto ledger = Ledger::open(folder.file());
    ASSERT_TRUE(ledger) << describe(ledger.error());
    for (int32_t i = 0; i < reported; ++i) {
      auto job = ledger->job(std::to_string(round) + "-" + std::to_string(i));
      ASSERT_TRUE(job) << describe(job.error());
      EXPECT_EQ(ledger->records(job->id)->size(), 2u);
    }
    // The one it was killed in is there whole or not at all.
    auto jobs = ledger->jobs();
    for (const Job& job : *jobs) EXPECT_NE(ledger->records(job.id)->size(), 1u) << job.id;
  }
  EXPECT_GT(reported_in_all, rounds);  // the writers did get to write
}

}  // namespace
}  // namespace heliu::ledger
