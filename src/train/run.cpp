// One step of a rank:
//
//   for each micro-batch: forward, backward            gradients add up in the model
//     in the last one, sums over the data-parallel ranks begin as parts of the gradient are final
//   clip by the global norm, AdamW                     every rank of a data-parallel group alike
//   agree on loss and on whether to stop               one small all-reduce
//
// All that a step needs of the past is in the checkpoint: weights, both moments, the step number.
// Data order and learning rate are functions of the step, so a resumed run repeats the same curve.
#include "train/run.h"

#include <fmt/core.h>

#include <cmath>

#include "comm/timed.h"
#include "host/process.h"
#include "train/batches.h"
#include "train/checkpoint.h"
#include "train/generate.h"
#include "train/gradient_exchange.h"
#include "train/optimizer.h"
#include "train/schedule.h"
#include "train/step_times.h"
#include "train/stopwatch.h"
#include "train/teams.h"
#include "train/text.h"

namespace heliu::train {
namespace {

nn::Shape shape_of(const Model& m) {
  return {m.layers, m.hidden, m.heads, feed_forward_of(m), m.sequence, m.vocabulary};
}

nn::Share share_of(const Parallel& parallel, int rank) {
  Coordinates at = coordinates(parallel, rank);
  return {.tensor_rank = at.tp, .tensor_size = parallel.tp, .stage = at.pp, .stages = parallel.pp};
}

Schedule schedule_of(const Train& train) {
  return {train.learning_rate, train.final_learning_rate, train.warmup_steps, train.steps};
}

// What must be the same for a checkpoint to continue this run.
std::string identity(const Plan& plan) {
  const Parallel& p = plan.parallel;
  return fmt::format("{}|tp{}pp{}|{}", fingerprint(plan.workload), p.tp, p.pp,
                     plan.workload.model.vocabulary);
}

// Windows overlap by half, so that a short text still makes many sequences.
Windows windows_of(const Corpus& corpus, int64_t sequence) {
  return {int64_t(corpus.ids.size()), sequence, std::max<int64_t>(1, sequence / 2)};
}

class Trainer {
 public:
  Trainer(const Plan& plan, const Seat& seat, const Corpus& corpus, Teams& teams,
          Reporter& reporter)
      : plan_(plan),
        seat_(seat),
        train_(plan.workload.train),
        corpus_(corpus),
        all_(comm::timed(*teams.all, communicating_)),
        data_(comm::timed(*teams.data, communicating_)),
        tensor_(comm::timed(*teams.tensor, communicating_)),
        reporter_(reporter),
        device_(device::open(plan.backend, {.threads = plan.threads})),
        metered_(device::metered(*device_, meter_)),
        model_(*metered_, shape_of(plan.workload.model),
               plan.precision == Precision::bf16 ? device::Type::bf16 : device::Type::f32,
               plan.micro_batch, share_of(plan.parallel, seat.rank), tensor_.get()),
        optimizer_(*metered_, model_, train_, *tensor_),
        exchange_(*data_, model_.gradients()),
        batches_(windows_of(corpus, plan.workload.model.sequence),
                 {plan.parallel.dp, plan.micro_batch, plan.accumulation}, uint64_t(train_.seed)) {}

  Result<void> begin();
  Result<Ending> loop(const std::function<bool()>& stop);

 private:
  struct Outcome {
    double loss = 0, gradient_norm = 0, seconds = 0;
    bool stop = false;
  };

  Outcome step(const std::function<bool()>& stop);
  double micro_batch(int64_t micro);
  Result<void> save();
  Result<void> restore(const Newest& newest);
  void say_step(const Outcome& outcome);
  void say_end(Event event);
  void say_sample();
  std::vector<SectionTarget> state();
  int64_t tokens_per_step() const { return train_.global_batch * plan_.workload.model.sequence; }
  std::string checkpoints() const { return seat_.directory + "/checkpoints"; }
  // As the forecast counts it: arenas, moments, buffers of sums, ids and losses.
  size_t accounted() const {
    size_t tokens = size_t(plan_.micro_batch * plan_.workload.model.sequence);
    return model_.device_bytes() + optimizer_.device_bytes() + data_->buffer_bytes() +
           tensor_->buffer_bytes() + 3 * sizeof(int32_t) * tokens;
  }

  const Plan& plan_;
  const Seat& seat_;
  const Train& train_;
  const Corpus& corpus_;
  double communicating_ = 0;  // seconds of this step
  std::unique_ptr<comm::Group> all_, data_, tensor_;
  Reporter& reporter_;
  device::Meter meter_{};
  std::unique_ptr<device::Device> device_, metered_;
  nn::Gpt model_;
  Optimizer optimizer_;
  GradientExchange exchange_;
  Batches batches_;
  std::vector<int32_t> ids_, targets_;
  StepTimes times_;
  int64_t done_ = 0;  // steps
};

std::vector<SectionTarget> Trainer::state() {
  size_t count = size_t(model_.parameter_count());
  auto section = [&](const char* name, float* data) {
    return SectionTarget{{name, "f32", count}, std::as_writable_bytes(std::span(data, count))};
  };
  return {section("values", model_.values()), section("first_moment", optimizer_.first_moments()),
          section("second_moment", optimizer_.second_moments())};
}

Result<void> Trainer::begin() {
  auto newest = find_newest(checkpoints());
  if (newest) return restore(*newest);
  if (newest.error().kind != Error::Kind::not_found)
    return tl::unexpected(std::move(newest.error()));
  for (const Error& skipped : newest.error().more)
    reporter_.note("passed over a checkpoint: " + skipped.message);
  model_.initialise(uint64_t(train_.seed));
  return {};
}

Result<void> Trainer::restore(const Newest& newest) {
  for (const Skipped& skipped : newest.skipped)
    reporter_.note(fmt::format("passed over {}: {}", skipped.folder, skipped.reason));
  if (newest.checkpoint.progress.fingerprint != identity(plan_))
    return fail(Error::Kind::bad_input, "the checkpoint is of another workload or plan",
                newest.checkpoint.folder);
  auto loaded = load(newest.checkpoint, seat_.rank, ranks_of(plan_.parallel), state());
  if (!loaded) return loaded;
  model_.refresh_copies();
  done_ = newest.checkpoint.progress.step;
  return {};
}

double Trainer::micro_batch(int64_t micro) {
  int64_t sequence = plan_.workload.model.sequence;
  Coordinates at = coordinates(plan_.parallel, seat_.rank);
  ids_.clear(), targets_.clear();
  for (int64_t i = 0; i < plan_.micro_batch; ++i) {
    auto first = corpus_.ids.begin() + batches_.start(done_, micro, at.dp, i);
    ids_.insert(ids_.end(), first, first + sequence);
    targets_.insert(targets_.end(), first + 1, first + sequence + 1);
  }
  bool last = micro + 1 == plan_.accumulation;
  auto ready = [&](int64_t first, int64_t count) { exchange_.ready(first, count); };
  return model_.train(ids_.data(), targets_.data(), plan_.micro_batch,
                      1.0f / float(tokens_per_step()),
                      last ? nn::Gpt::GradientsReady(ready) : nn::Gpt::GradientsReady());
}

Trainer::Outcome Trainer::step(const std::function<bool()>& stop) {
  Stopwatch watch;
  meter_ = {};
  communicating_ = 0;
  double loss = 0;
  for (int64_t micro = 0; micro < plan_.accumulation; ++micro) loss += micro_batch(micro);
  exchange_.finish();

  Outcome outcome;
  outcome.gradient_norm = optimizer_.step(done_ + 1, learning_rate(schedule_of(train_), done_));
  double shared[2] = {loss, stop() || !reporter_.heard() ? 1.0 : 0.0};
  all_->all_reduce(std::span<double>(shared));
  meter_[size_t(OperationClass::communication)] = communicating_;

  // Tensor-parallel ranks each counted the same loss.
  outcome.loss = shared[0] / double(tokens_per_step() * plan_.parallel.tp);
  outcome.stop = shared[1] > 0;
  outcome.seconds = watch.seconds();
  times_.add(outcome.seconds, meter_);
  ++done_;
  return outcome;
}

Result<void> Trainer::save() {
  std::vector<Section> sections;
  for (const SectionTarget& target : state()) sections.push_back({target.kind, target.data});
  Progress progress{done_, uint64_t(train_.seed), done_ * tokens_per_step(), identity(plan_)};
  Saving saving{.folder = checkpoints(),
                .rank = seat_.rank,
                .ranks = ranks_of(plan_.parallel),
                .barrier = [&] { all_->barrier(); }};
  auto saved = train::save(saving, progress, sections);
  if (!saved) return saved;
  if (seat_.rank == 0)
    reporter_.say({.event = Event::checkpoint,
                   .step = done_,
                   .path = checkpoints() + "/" + fmt::format("step-{:08}", done_)});
  return {};
}

void Trainer::say_step(const Outcome& outcome) {
  if (seat_.rank != 0) return;
  reporter_.say({.event = Event::step,
                 .step = done_,
                 .loss = outcome.loss,
                 .gradient_norm = outcome.gradient_norm,
                 .learning_rate = learning_rate(schedule_of(train_), done_ - 1),
                 .step_time = Seconds::of(outcome.seconds),
                 .tokens_per_s = double(tokens_per_step()) / outcome.seconds});
}

void Trainer::say_end(Event event) {
  Record record{.event = event, .step = done_};
  if (!times_.empty()) {
    record.step_time = times_.median();
    record.tokens_per_s = double(tokens_per_step()) / times_.median().base();
    record.breakdown = times_.breakdown();
  }
  record.memory = host::peak_resident_memory();
  record.accounted_memory = Bytes::of(double(accounted()));
  reporter_.say(std::move(record));
}

// All tensor-parallel ranks of the first data-parallel one draw the same text; one of them tells
// it.
void Trainer::say_sample() {
  if (train_.sample == 0 || coordinates(plan_.parallel, seat_.rank).dp != 0) return;
  std::string text = generate(model_, corpus_.vocabulary, plan_.workload.model.sequence,
                              train_.sample, {.seed = uint64_t(train_.seed)});
  if (seat_.rank == 0)
    reporter_.say({.event = Event::sample, .step = done_, .text = std::move(text)});
}

Result<Ending> Trainer::loop(const std::function<bool()>& stop) {
  all_->barrier();
  reporter_.say({.event = Event::started, .step = done_, .memory = host::resident_memory()});
  bool stopping = false;
  while (done_ < train_.steps && !stopping) {
    Outcome outcome = step(stop);
    if (!std::isfinite(outcome.loss))
      return fail({.message = fmt::format("the loss is no longer a number at step {}", done_),
                   .hint = "lower train.learning_rate"});
    say_step(outcome);
    stopping = outcome.stop && done_ < train_.steps;
    bool due = done_ % train_.checkpoint_every == 0 || done_ == train_.steps || stopping;
    if (due)
      if (auto saved = save(); !saved) return tl::unexpected(std::move(saved.error()));
  }
  if (!stopping) say_sample();
  say_end(stopping ? Event::stopped : Event::finished);
  return stopping ? Ending::stopped : Ending::finished;
}

}  // namespace

Result<Workload> complete(Workload workload) {
  auto corpus = read_corpus(workload.data.text, workload.model.sequence);
  if (!corpus) return tl::unexpected(std::move(corpus.error()));
  int64_t found = corpus->vocabulary.size();
  if (workload.model.vocabulary == 0) workload.model.vocabulary = found;
  if (workload.model.vocabulary < found)
    return fail(
        {.kind = Error::Kind::bad_input,
         .message = fmt::format("the data has {} characters, more than model.vocabulary: {}", found,
                                workload.model.vocabulary),
         .hint = "leave model.vocabulary out"});
  return workload;
}

Result<Ending> run(const Plan& plan, const Seat& seat, Reporter& reporter,
                   const std::function<bool()>& stop) {
  auto corpus = read_corpus(plan.workload.data.text, plan.workload.model.sequence);
  if (!corpus) return tl::unexpected(std::move(corpus.error()));
  if (corpus->vocabulary.size() > plan.workload.model.vocabulary)
    return fail(Error::Kind::bad_input,
                "the data has changed since it was planned: more characters than the vocabulary");
  Teams teams = join_teams(plan.parallel, seat);
  Trainer trainer(plan, seat, *corpus, teams, reporter);
  if (auto begun = trainer.begin(); !begun) return tl::unexpected(std::move(begun.error()));
  return trainer.loop(stop);
}

}  // namespace heliu::train
