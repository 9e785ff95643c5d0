#include "cost/timeline.h"

#include <algorithm>

#include "base/check.h"

namespace heliu::cost {
namespace {

struct Task {
  bool backward = false;
  int chunk = 0;
  int64_t micro_batch = 0;
};

class Pipeline {
 public:
  explicit Pipeline(const PipelineShape& shape)
      : shape_(shape),
        stages_(int(shape.stages.size())),
        batches_(shape.micro_batches),
        lists_(shape.stages.size()),
        next_(shape.stages.size(), 0),
        free_(shape.stages.size(), 0.0),
        spans_(shape.stages.size()),
        ended_(size_t(2 * stages_ * shape.chunks * batches_), -1.0) {
    for (int stage = 0; stage < stages_; ++stage) lists_[size_t(stage)] = list(stage);
  }

  Timeline play() {
    size_t left = lists_.size() * lists_.front().size();
    while (left > 0) {
      size_t done = 0;
      for (int stage = 0; stage < stages_; ++stage) done += advance(stage);
      if (done == 0) done = break_wait();
      left -= done;
    }
    Timeline timeline;
    for (int stage = 0; stage < stages_; ++stage) {
      auto& spans = spans_[size_t(stage)];
      timeline.spans.insert(timeline.spans.end(), spans.begin(), spans.end());
      timeline.total = std::max(timeline.total, Seconds::of(free_[size_t(stage)]));
    }
    return timeline;
  }

 private:
  // The n-th task of one direction: chunk by chunk for as many micro-batches as there are stages.
  Task nth(int64_t n, bool backward) const {
    int64_t round = int64_t(stages_) * shape_.chunks;
    int64_t group = n / round, within = n % round;
    int64_t width = std::min<int64_t>(stages_, batches_ - group * stages_);
    int chunk = int(within / width);
    return {backward, backward ? shape_.chunks - 1 - chunk : chunk,
            group * stages_ + within % width};
  }

  // Forwards that a stage does before its first backward.
  int64_t warm_up(int stage) const {
    int64_t all = batches_ * shape_.chunks;
    if (shape_.schedule == PipelineSchedule::gpipe) return all;
    int64_t distance = stages_ - 1 - stage;
    int64_t ahead =
        shape_.chunks == 1 ? distance : 2 * distance + int64_t(shape_.chunks - 1) * stages_;
    return std::min(all, ahead);
  }

  std::vector<Task> list(int stage) const {
    std::vector<Task> tasks;
    int64_t all = batches_ * shape_.chunks, ahead = warm_up(stage);
    for (int64_t n = 0; n < ahead; ++n) tasks.push_back(nth(n, false));
    for (int64_t n = ahead; n < all; ++n) {
      tasks.push_back(nth(n, false));
      tasks.push_back(nth(n - ahead, true));
    }
    for (int64_t n = all - ahead; n < all; ++n) tasks.push_back(nth(n, true));
    return tasks;
  }

  double& ended(int stage, const Task& task) {
    size_t chunk = size_t(task.chunk * stages_ + stage);  // of the model
    return ended_[(chunk * size_t(batches_) + size_t(task.micro_batch)) * 2 + task.backward];
  }

  // When what the task needs has arrived; negative: not yet done.
  double arrival(int stage, const Task& task) {
    int last = stages_ * shape_.chunks - 1, here = task.chunk * stages_ + stage;
    int before = task.backward ? here + 1 : here - 1;
    if (before < 0) return 0;
    // The last chunk turns around: its backward follows its own forward.
    if (before > last) return ended(stage, {false, task.chunk, task.micro_batch});
    double end = ended(before % stages_, {task.backward, before / stages_, task.micro_batch});
    return end < 0 ? end : end + (stages_ > 1 ? shape_.transfer.base() : 0);
  }

  void run(int stage, const Task& task, double arrived) {
    const StageTimes& times = shape_.stages[size_t(stage)];
    double& clock = free_[size_t(stage)];
    clock = std::max(clock, arrived);
    auto span = [&](PipelineTask kind, Seconds whole) {
      Seconds length = whole / double(shape_.chunks);
      spans_[size_t(stage)].push_back(
          {kind, stage, task.chunk, task.micro_batch, Seconds::of(clock), length});
      clock += length.base();
    };
    if (task.backward && times.recompute.base() > 0) span(PipelineTask::recompute, times.recompute);
    span(task.backward ? PipelineTask::backward : PipelineTask::forward,
         task.backward ? times.backward : times.forward);
    ended(stage, task) = clock;
  }

  // Whether the task at this place of the stage's list can begin now.
  bool ready(int stage, const Task& task) {
    bool own_forward = !task.backward || ended(stage, {false, task.chunk, task.micro_batch}) >= 0;
    return own_forward && arrival(stage, task) >= 0;
  }

  // Does what the stage's list has next, as far as it can; how many tasks.
  size_t advance(int stage) {
    auto& tasks = lists_[size_t(stage)];
    size_t &next = next_[size_t(stage)], first = next;
    for (; next < tasks.size() && ready(stage, tasks[next]); ++next)
      run(stage, tasks[next], arrival(stage, tasks[next]));
    return next - first;
  }

  // All wait: the task that can begin first is done before its turn.
  size_t break_wait() {
    int chosen = -1;
    size_t place = 0;
    double best = 0;
    for (int stage = 0; stage < stages_; ++stage) {
      auto& tasks = lists_[size_t(stage)];
      auto task = std::find_if(tasks.begin() + std::ptrdiff_t(next_[size_t(stage)]), tasks.end(),
                               [&](const Task& t) { return ready(stage, t); });
      if (task == tasks.end()) continue;
      double start = std::max(free_[size_t(stage)], arrival(stage, *task));
      if (chosen >= 0 && start >= best) continue;
      chosen = stage;
      place = size_t(task - tasks.begin());
      best = start;
    }
    HELIU_CHECK(chosen >= 0);
    auto& tasks = lists_[size_t(chosen)];
    size_t& next = next_[size_t(chosen)];
    run(chosen, tasks[place], arrival(chosen, tasks[place]));
    auto from = tasks.begin() + std::ptrdiff_t(next), to = tasks.begin() + std::ptrdiff_t(place);
    std::rotate(from, to, to + 1);
    ++next;
    return 1;
  }

  const PipelineShape& shape_;
  int stages_;
  int64_t batches_;
  std::vector<std::vector<Task>> lists_;
  std::vector<size_t> next_;  // of each list
  std::vector<double> free_;  // when each stage has ended what it did
  std::vector<std::vector<PipelineSpan>> spans_;
  std::vector<double> ended_;  // by chunk of the model, micro-batch and direction; -1: not yet
};

}  // namespace

Timeline pipeline_timeline(const PipelineShape& shape) {
  HELIU_CHECK(!shape.stages.empty() && shape.micro_batches > 0 && shape.chunks > 0);
  HELIU_CHECK(shape.schedule != PipelineSchedule::gpipe || shape.chunks == 1);
  return Pipeline(shape).play();
}

}  // namespace heliu::cost
