// The step loop with real ranks: threads of this process, which meet through shared memory as
// processes do.
#include "train/run.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "spec/document.h"

namespace heliu::train {
namespace {

struct Outcome {
  std::string folder;
  std::vector<double> losses;   // by step, from 1
  std::vector<Record> records;  // of rank 0
  Ending ending = Ending::finished;
};

std::string fresh_folder() {
  static int number = 0;
  std::string folder =
      testing::TempDir() + "heliu-run-" + std::to_string(getpid()) + "-" + std::to_string(++number);
  std::filesystem::create_directories(folder);
  return folder;
}

std::string write_text(const std::string& folder) {
  std::ofstream out(folder + "/text.txt");
  for (int i = 0; i < 400; ++i)
    out << "line " << i * 7919 % 1000 << ": the quick brown fox jumps over 13 lazy dogs\n";
  return folder + "/text.txt";
}

Plan small_plan(const std::string& folder) {
  Plan plan;
  plan.workload.name = "small";
  plan.workload.model = {.layers = 2, .hidden = 32, .heads = 4, .sequence = 16};
  plan.workload.data.text = {write_text(folder)};
  plan.workload.train = {.steps = 20,
                         .global_batch = 8,
                         .learning_rate = 3e-3,
                         .warmup_steps = 2,
                         .seed = 5,
                         .checkpoint_every = 5};
  plan.workload = *complete(plan.workload);
  plan.backend = "cpu";
  plan.micro_batch = 2;
  plan.accumulation = 4;
  return plan;
}

// `stop_at`: asks to stop once that many steps were said; 0: never.
Outcome run_ranks(const Plan& plan, const std::string& folder, int stop_at = 0) {
  static std::atomic<int> jobs{0};
  std::string job = "run-test-" + std::to_string(getpid()) + "-" + std::to_string(++jobs);
  Outcome result{.folder = folder};
  std::atomic<int> said{0};
  std::vector<std::thread> ranks;
  for (int r = 0; r < ranks_of(plan.parallel); ++r)
    ranks.emplace_back([&, r] {
      auto sink = [&, r](const std::string& line) {
        if (r != 0) return true;
        Record record = *read_json<Record>({"record", line});
        if (record.event == Event::step) result.losses.push_back(*record.loss), ++said;
        result.records.push_back(std::move(record));
        return true;
      };
      Reporter reporter(job, r, sink, [] { return 0.0; });
      auto ended =
          run(plan, {job, folder, r}, reporter, [&] { return stop_at > 0 && said >= stop_at; });
      EXPECT_TRUE(ended) << describe(ended.error());
      if (r == 0 && ended) result.ending = *ended;
    });
  for (std::thread& rank : ranks) rank.join();
  return result;
}

void expect_same(const std::vector<double>& a, const std::vector<double>& b, double tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i] / b[i], 1, tolerance) << "step " << i + 1;
}

TEST(Run, LearnsAndTheSameSeedGivesTheSameLosses) {
  std::string folder = fresh_folder();
  Plan plan = small_plan(folder);

  Outcome first = run_ranks(plan, folder), second = run_ranks(plan, fresh_folder());

  EXPECT_LT(first.losses.back(), 0.9 * first.losses.front());
  EXPECT_EQ(first.losses, second.losses);
}

TEST(Run, TwoDataParallelRanksHaveTheLossesOfOne) {
  std::string folder = fresh_folder();
  Plan one = small_plan(folder), two = one;
  two.parallel.dp = 2;
  two.accumulation = 2;

  expect_same(run_ranks(two, fresh_folder()).losses, run_ranks(one, fresh_folder()).losses, 1e-5);
}

TEST(Run, TwoTensorParallelRanksHaveTheLossesOfOne) {
  std::string folder = fresh_folder();
  Plan one = small_plan(folder), two = one;
  two.parallel.tp = 2;

  expect_same(run_ranks(two, fresh_folder()).losses, run_ranks(one, fresh_folder()).losses, 1e-5);
}

TEST(Run, MicroBatchesAndAccumulationChangeNothing) {
  std::string folder = fresh_folder();
  Plan small = small_plan(folder), large = small;
  large.micro_batch = 8;
  large.accumulation = 1;

  expect_same(run_ranks(large, fresh_folder()).losses, run_ranks(small, fresh_folder()).losses,
              1e-5);
}

TEST(Run, AStoppedRunGoesOnWithTheSameCurve) {
  std::string folder = fresh_folder();
  Plan plan = small_plan(folder);
  std::vector<double> whole = run_ranks(plan, fresh_folder()).losses;

  Outcome first = run_ranks(plan, folder, 7);
  Outcome rest = run_ranks(plan, folder);

  EXPECT_EQ(first.ending, Ending::stopped);
  EXPECT_EQ(rest.ending, Ending::finished);
  first.losses.insert(first.losses.end(), rest.losses.begin(), rest.losses.end());
  EXPECT_EQ(first.losses, whole);
}

TEST(Run, ACheckpointOfAnotherWorkloadIsRefused) {
  std::string folder = fresh_folder();
  Plan plan = small_plan(folder);
  run_ranks(plan, folder, 3);
  plan.workload.train.seed = 6;

  Reporter reporter(
      "other", 0, [](const std::string&) { return true; }, [] { return 0.0; });
  auto ended =
      run(plan, {"other-" + std::to_string(getpid()), folder, 0}, reporter, [] { return false; });

  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().message, "the checkpoint is of another workload or plan");
}

TEST(Run, TheEndSaysTimesMemoryAndAccount) {
  std::string folder = fresh_folder();
  Plan plan = small_plan(folder);
  plan.workload.train.sample = 12;

  std::vector<Record> records = run_ranks(plan, folder).records;

  const Record& end = records.back();
  EXPECT_EQ(end.event, Event::finished);
  EXPECT_GT(end.step_time->base(), 0);
  EXPECT_GT(end.memory->base(), end.accounted_memory->base());
  EXPECT_EQ(end.breakdown.size(), operation_class_count);
  EXPECT_EQ(records[records.size() - 2].event, Event::sample);
  EXPECT_EQ(records[records.size() - 2].text.size(), 12u);
}

TEST(Complete, CountsTheVocabularyAndRefusesOneThatIsTooSmall) {
  std::string folder = fresh_folder();
  Workload work = small_plan(folder).workload;
  EXPECT_EQ(work.model.vocabulary, 26 + 10 + 3);  // letters, digits; space, colon, newline

  work.model.vocabulary = 5;
  EXPECT_EQ(complete(work).error().kind, Error::Kind::bad_input);
}

}  // namespace
}  // namespace heliu::train
