// A writer that is really killed, at random moments.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "train/checkpoint.h"

namespace heliu::train {
namespace {

std::vector<float> values_of(int64_t step) { return std::vector<float>(50000, float(step)); }

// Saves step after step until it is killed; tells each saved step through the pipe.
[[noreturn]] void write_for_ever(const std::string& folder, int64_t step, int pipe) {
  while (true) {
    std::vector<float> values = values_of(++step);
    Section section{{"values", "f32", values.size()}, std::as_bytes(std::span(values))};
    if (!save({.folder = folder, .keep = 1}, {.step = step}, {section})) _exit(1);
    if (write(pipe, &step, sizeof step) != ssize_t(sizeof step)) _exit(1);
  }
}

// Forks a writer that goes on after `step`, kills it and returns the last step it said was saved.
int64_t killed_writer(const std::string& folder, int64_t step, useconds_t after) {
  int ends[2];
  if (pipe(ends) != 0) return -1;
  int writer = fork();
  if (writer == 0) write_for_ever(folder, step, ends[1]);
  close(ends[1]);
  usleep(after);
  kill(writer, SIGKILL);
  int status = 0;
  waitpid(writer, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  while (read(ends[0], &step, sizeof step) == ssize_t(sizeof step)) {
  }
  close(ends[0]);
  return step;
}

TEST(KilledWriter, AlwaysLeavesTheLastSavedStepOrALaterOne) {
  std::string pattern = testing::TempDir() + "heliu-kill-XXXXXX";
  std::string folder = mkdtemp(pattern.data());
  std::mt19937 random(20);
  std::uniform_int_distribution<useconds_t> moment(0, 40000);
  int64_t step = 0, promised = 0, rounds_with_leftovers = 0;
  for (int round = 0; round < 50; ++round) {
    promised = killed_writer(folder, step, moment(random));

    auto newest = find_newest(folder);

    if (promised == 0 && !newest) continue;  // killed before the very first was complete
    ASSERT_TRUE(newest) << describe(newest.error());
    EXPECT_TRUE(newest->skipped.empty());
    step = newest->checkpoint.progress.step;
    EXPECT_GE(step, promised);
    std::vector<float> values(50000);
    SectionTarget target{{"values", "f32", values.size()},
                         std::as_writable_bytes(std::span(values))};
    ASSERT_TRUE(load(newest->checkpoint, 0, 1, {target}));
    EXPECT_EQ(values, values_of(step));
    auto files = std::filesystem::directory_iterator(folder);
    rounds_with_leftovers += std::distance(begin(files), end(files)) > 1;
  }
  RecordProperty("steps", int(step));
  RecordProperty("rounds_with_leftovers", int(rounds_with_leftovers));
  // Else the kills came at no interesting moment and the test showed nothing.
  EXPECT_GT(step, 2);
  EXPECT_GT(rounds_with_leftovers, 2);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace heliu::train
