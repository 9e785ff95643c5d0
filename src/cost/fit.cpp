#include "cost/fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <tuple>

#include "base/text.h"
#include "cost/correction.h"

namespace heliu::cost {
namespace {

using ClassSeconds = std::array<double, operation_class_count>;

constexpr size_t sources_kept = 8;

// `old` moved towards `measured` by the share `gain` of the way.
double towards(double old, double measured, double gain) { return old + gain * (measured - old); }

// The rows of `table` whose key `fresh` measured again make place for it.
template <class Row, class KeyOf>
void replace(std::vector<Row>& table, const std::vector<Row>& fresh, KeyOf key_of) {
  std::set<decltype(key_of(fresh.front()))> measured;
  for (const Row& row : fresh) measured.insert(key_of(row));
  std::erase_if(table, [&](const Row& row) { return measured.contains(key_of(row)); });
  table.insert(table.end(), fresh.begin(), fresh.end());
}

void learn_tables(Coefficients& known, const std::vector<Record>& records) {
  std::vector<KernelTime> kernels;
  std::vector<CollectiveTime> collectives;
  for (const Record& record : records) {
    if (record.kernel && record.kernel->time > Seconds()) kernels.push_back(*record.kernel);
    if (record.collective && record.collective->time > Seconds())
      collectives.push_back(*record.collective);
  }
  replace(known.kernels, kernels, [](const KernelTime& k) {
    return std::tuple(k.kernel, k.precision, k.ranks, k.threads);
  });
  replace(known.collectives, collectives,
          [](const CollectiveTime& c) { return std::tuple(c.operation, c.ranks, c.threads); });
}

// From the last launch to the last rank that was ready after it.
void learn_start_time(Coefficients& known, const std::vector<Record>& records) {
  double launched = 0, ready = 0;
  for (const Record& record : records) {
    if (record.event == Event::launched) launched = record.time, ready = 0;
    if (record.event == Event::started) ready = std::max(ready, record.time);
  }
  if (launched <= 0 || ready <= launched) return;
  double gain = known.start_time > Seconds() ? 0.5 : 1;
  known.start_time = Seconds::of(towards(known.start_time.base(), ready - launched, gain));
}

// The most that a rank held beside what it can name: a bench job's when it is ready, a training
// run's at its end.
void learn_runtime_memory(Coefficients& known, const std::vector<Record>& records) {
  double most = 0;
  for (const Record& record : records)
    if (record.memory && record.accounted_memory)
      most = std::max(most, (*record.memory - *record.accounted_memory).base());
  if (most <= 0) return;
  double gain = known.runtime_memory > Bytes() ? 0.5 : 1;
  known.runtime_memory = Bytes::of(towards(known.runtime_memory.base(), most, gain));
}

// The record with the totals: rank 0's, or the first there is.
const Record* totals(const std::vector<Record>& records) {
  const Record* found = nullptr;
  for (const Record& record : records)
    if (record.event == Event::finished && (!found || record.rank < found->rank)) found = &record;
  return found;
}

ClassSeconds sum_by_class(const std::vector<ClassTime>& breakdown) {
  ClassSeconds seconds{};
  for (const ClassTime& one : breakdown) seconds[size_t(one.kind)] += one.time.base();
  return seconds;
}

double sum(const ClassSeconds& seconds) {
  double all = 0;
  for (double one : seconds) all += one;
  return all;
}

// The measured step by class. The mean of each class is scaled to the median step, which a few slow
// steps do not move; what a breakdown without `other` leaves over is `other`; and with no breakdown
// at all the step is divided as it was promised.
ClassSeconds measured_classes(const Record& record, const ClassSeconds& promised) {
  ClassSeconds seconds = sum_by_class(record.breakdown);
  if (!record.step_time) return seconds;
  double step = record.step_time->base();
  if (sum(seconds) <= 0) seconds = promised;
  double& other = seconds[size_t(OperationClass::other)];
  if (other == 0 && sum(seconds) < step && !record.breakdown.empty()) other = step - sum(seconds);
  if (double all = sum(seconds); all > 0)
    for (double& one : seconds) one *= step / all;
  return seconds;
}

Correction& entry(Coefficients& known, OperationClass kind, const Plan& plan) {
  int ranks = ranks_of(plan.parallel);
  for (Correction& one : known.corrections)
    if (one.kind == kind && one.precision == plan.precision && one.ranks == ranks &&
        one.threads == plan.threads)
      return one;
  double guess = correction(known, kind, plan.precision, ranks, plan.threads).factor;
  known.corrections.push_back({kind, plan.precision, ranks, plan.threads, guess, 0});
  return known.corrections.back();
}

void learn_class(Coefficients& known, OperationClass kind, const Plan& plan, double measured,
                 double promised) {
  if (measured <= 0 || promised <= 0) return;
  Correction& one = entry(known, kind, plan);
  double gain = one.runs == 0 ? 1 : 0.5;
  one.factor = std::clamp(one.factor * std::pow(measured / promised, gain), 0.2, 5.0);
  ++one.runs;
}

void learn_step(Coefficients& known, const Plan& plan, const Record& record) {
  ClassSeconds promised = sum_by_class(plan.forecast.breakdown);
  ClassSeconds measured = measured_classes(record, promised);
  if (sum(promised) <= 0 || sum(measured) <= 0) return;
  // The first run tells what a step costs beside its operations; there was no promise to correct.
  double other = measured[size_t(OperationClass::other)];
  if (!known.step_overhead && promised[size_t(OperationClass::other)] <= 0) {
    known.step_overhead = Seconds::of(other);
    measured[size_t(OperationClass::other)] = 0;
  }
  for (size_t i = 0; i < operation_class_count; ++i)
    learn_class(known, OperationClass(i), plan, measured[i], promised[i]);
}

void remember_source(Coefficients& known, const std::vector<Record>& records) {
  std::string job;
  for (const Record& record : records) {
    known.measured = std::max(known.measured, record.time);
    if (!record.job.empty()) job = record.job;
  }
  if (job.empty()) return;
  std::vector<std::string> jobs;
  for (const std::string& part : split(known.source, ','))
    if (std::string name(trim(part)); !name.empty() && name != job) jobs.push_back(name);
  jobs.push_back(job);
  if (jobs.size() > sources_kept) jobs.erase(jobs.begin());
  known.source = fmt::format("{}", fmt::join(jobs, ", "));
}

}  // namespace

Coefficients fit(Coefficients current, const Plan& plan, const std::vector<Record>& records) {
  if (current.island.empty()) current.island = plan.place;
  learn_tables(current, records);
  learn_start_time(current, records);
  learn_runtime_memory(current, records);
  const Record* finished = totals(records);
  if (finished && plan.workload.kind == WorkloadKind::train) learn_step(current, plan, *finished);
  remember_source(current, records);
  return current;
}

}  // namespace heliu::cost
