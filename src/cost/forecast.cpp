#include "cost/forecast.h"

#include <fmt/format.h>

#include <array>

#include "cost/correction.h"
#include "cost/memory.h"
#include "cost/operations.h"

namespace heliu::cost {
namespace {

// Rate at which a checkpoint reaches the disk; assumed, no record carries it yet.
constexpr Bandwidth checkpoint_bandwidth = Bandwidth::of(0.5e9);

// The backward of a block does twice the products of its forward.
constexpr double backward_share = 2.0 / 3;

Result<void> check(const Workload& workload, const Plan& plan) {
  const Model& model = workload.model;
  auto refuse = [](std::string message) {
    return fail(Error::Kind::bad_input, std::move(message));
  };
  const int dp = plan.parallel.dp, tp = plan.parallel.tp, pp = plan.parallel.pp;
  if (workload.kind != WorkloadKind::train) return refuse("only training has a forecast");
  if (model.layers < 1 || model.hidden < 1 || model.heads < 1 || model.sequence < 1)
    return refuse("the model needs layers, hidden, heads and sequence of at least 1");
  if (model.vocabulary < 1)
    return refuse("the vocabulary is not known yet: it comes from the data");
  if (dp < 1 || tp < 1 || pp < 1 || plan.threads < 1 || plan.micro_batch < 1 ||
      plan.accumulation < 1)
    return refuse("the degrees, threads and batches of a plan start at 1: " + summary(plan));
  if (dp * plan.micro_batch * plan.accumulation != workload.train.global_batch)
    return refuse(fmt::format("dp {} x micro-batch {} x accumulation {} is not the global batch {}",
                              dp, plan.micro_batch, plan.accumulation,
                              workload.train.global_batch));
  if (model.heads % tp || model.hidden % tp || feed_forward_of(model) % tp)
    return refuse(fmt::format("tp {} does not divide heads {} and feed-forward {}", tp, model.heads,
                              feed_forward_of(model)));
  if (pp > model.layers)
    return refuse(fmt::format("pp {} is more than layers {}", pp, model.layers));
  return {};
}

int64_t checkpoints(const Train& train) {
  if (train.checkpoint_every < 1) return 1;
  return (train.steps + train.checkpoint_every - 1) / train.checkpoint_every;
}

// Weights and both moments, in f32.
Seconds checkpoint_time(const Model& model) {
  return Bytes::of(12.0 * double(parameter_count(model))) / checkpoint_bandwidth;
}

}  // namespace

// Seconds of one step by class, and whether anything in them was extrapolated.
struct Forecaster::Times {
  std::array<double, operation_class_count> seconds{};
  double micro_batches = 0;  // of it, the part that repeats with each micro-batch
  bool extrapolated = false;

  double& operator[](OperationClass kind) { return seconds[size_t(kind)]; }
};

Forecaster::Forecaster(const Island& island, const Coefficients& coefficients)
    : island_(island),
      coefficients_(coefficients),
      kernels_(coefficients.kernels),
      collectives_(coefficients.collectives) {}

// Kernel calls by measurement, each class with the correction that earlier runs taught.
Result<Forecaster::Times> Forecaster::kernels(const Workload& workload, const Plan& plan,
                                              KernelLayout layout) const {
  Times times;
  for (const Call& call : step_calls(workload.model, plan)) {
    auto estimate = kernels_.time(call, plan.precision, layout);
    if (!estimate)
      return fail({.kind = Error::Kind::environment,
                   .message = fmt::format("nothing is known of kernel {} on island {}", call.kernel,
                                          island_.name),
                   .hint = "measure the island first: heliu discover"});
    times[call.kind] += double(call.count) * estimate->time.base();
    times.extrapolated |= estimate->extrapolated;
  }
  for (size_t i = 0; i < operation_class_count; ++i) {
    auto kind = OperationClass(i);
    times[kind] *=
        correction(coefficients_, kind, plan.precision, ranks_of(plan.parallel), plan.threads)
            .factor;
    if (kind != OperationClass::optimizer) times.micro_batches += times[kind];
  }
  return times;
}

Result<Forecaster::Times> Forecaster::step(const Workload& workload, const Plan& plan) const {
  auto times = kernels(workload, plan, {seat(island_, plan).ranks_per_node, plan.threads});
  if (!times) return times;
  auto talk = communication(island_, workload.model, plan, kernels_, collectives_);
  if (!talk) return tl::unexpected(std::move(talk.error()));
  times->extrapolated |= talk->extrapolated;

  auto factor = [&](OperationClass kind) {
    return correction(coefficients_, kind, plan.precision, ranks_of(plan.parallel), plan.threads)
        .factor;
  };
  // Gradients are summed during the backward of the last micro-batch, if anything else moves them
  // than the cores that compute.
  Stage stage = slowest_stage(workload.model, plan.parallel.pp);
  double accumulation = double(plan.accumulation);
  Seconds backward = Seconds::of(times->micro_batches / accumulation * backward_share);
  Seconds gradients =
      talk->overlaps ? exposed(talk->gradients, backward, stage.layers + 1) : talk->gradients;
  double messages =
      accumulation * talk->per_micro_batch.base() * factor(OperationClass::communication);
  (*times)[OperationClass::communication] =
      messages + gradients.base() * factor(OperationClass::communication);
  times->micro_batches += messages;

  // While the pipeline fills and drains, a rank waits for pp - 1 micro-batches
  // (Huang et al., arXiv 1811.06965, section 2.3; Narayanan et al., arXiv 2104.04473,
  // section 2.2.1).
  double bubble = (plan.parallel.pp - 1) * times->micro_batches / accumulation;
  double overhead = coefficients_.step_overhead.value_or(Seconds()).base();
  (*times)[OperationClass::other] = bubble + overhead * factor(OperationClass::other);
  return times;
}

Result<Forecast> Forecaster::forecast(const Workload& workload, const Plan& plan) const {
  if (auto valid = check(workload, plan); !valid) return tl::unexpected(std::move(valid.error()));
  auto times = step(workload, plan);
  if (!times) return tl::unexpected(std::move(times.error()));

  Forecast promise;
  promise.extrapolated = times->extrapolated;
  Seconds half;  // errors of the classes may well go the same way, so they add up
  for (size_t i = 0; i < operation_class_count; ++i) {
    auto kind = OperationClass(i);
    Seconds time = Seconds::of(times->seconds[i]);
    promise.breakdown.push_back({kind, time});
    promise.step_time += time;
    Known known =
        correction(coefficients_, kind, plan.precision, ranks_of(plan.parallel), plan.threads);
    half += time * half_band(known.runs, times->extrapolated);
  }
  promise.step_time_low = promise.step_time - half;
  promise.step_time_high = promise.step_time + half;

  const Train& train = workload.train;
  promise.tokens_per_s =
      double(train.global_batch * workload.model.sequence) / promise.step_time.base();
  promise.memory_parts = memory(workload.model, plan, coefficients_.runtime_memory);
  promise.memory = total(promise.memory_parts);
  promise.total_time = coefficients_.start_time + double(train.steps) * promise.step_time +
                       double(checkpoints(train)) * checkpoint_time(workload.model);
  promise.energy_note = "not measurable here: no energy counter";
  promise.cost = hire(island_, plan, promise.total_time);
  return promise;
}

Result<Forecast> forecast(const Island& island, const Workload& workload, const Plan& plan,
                          const Coefficients& coefficients) {
  return Forecaster(island, coefficients).forecast(workload, plan);
}

std::optional<Yuan> hire(const Island& island, const Plan& plan, Seconds time) {
  if (!island.price) return {};
  int devices = 0;
  for (const Accelerators& kind : island.node.devices) devices += kind.count;
  int units = devices ? devices * seat(island, plan).nodes : ranks_of(plan.parallel) * plan.threads;
  return *island.price * double(units) * time;
}

}  // namespace heliu::cost
