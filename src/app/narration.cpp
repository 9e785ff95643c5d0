#include "app/narration.h"

#include <algorithm>
#include <cmath>

#include "app/table.h"

namespace heliu::app {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string cache_list(const std::vector<Cache>& caches) {
  std::vector<std::string> words;
  for (const Cache& cache : caches) {
    double kib = cache.size.base() / 1024;
    words.push_back(kib < 1024 ? fmt::format("L{} {:.0f} KiB", cache.level, kib) : fmt::format("L{} {:.0f} MiB", cache.level, kib / 1024));
  }
  return joined(words);
}

// The fastest product of each precision on one layout.
std::string best_products(const Coefficients& c, int ranks, int threads) {
  std::string text;
  for (Precision precision : {Precision::fp32, Precision::bf16}) {
    double best = 0;
    for (const KernelTime& k : c.kernels)
      if (k.kernel == "gemm" && k.precision == precision && k.ranks == ranks && k.threads == threads)
        best = std::max(best, 2.0 * double(k.m) * double(k.n) * double(k.k) / k.time.base() * ranks);
    if (best > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", print(OperationRate::of(best)), name(precision));
  }
  return text;
}

std::string memory_rate(const Coefficients& c, int ranks, int threads) {
  const KernelTime* largest = nullptr;
  for (const KernelTime& k : c.kernels)
    if (k.kernel == "triad" && k.ranks == ranks && k.threads == threads && (!largest || k.m > largest->m)) largest = &k;
  return largest ? print(Bandwidth::of(12.0 * double(largest->m) * ranks / largest->time.base())) : "";
}

std::string collective_rate(const Coefficients& c, int ranks) {
  const CollectiveTime *small = nullptr, *large = nullptr;
  for (const CollectiveTime& t : c.collectives) {
    if (t.ranks != ranks) continue;
    if (!small || t.payload < small->payload) small = &t;
    if (!large || t.payload > large->payload) large = &t;
  }
  return small ? fmt::format("{}, {}", print(small->time), print(large->payload / large->time)) : "";
}

}  // namespace

std::string duration(double seconds) {
  int64_t whole = std::llround(std::max(0.0, seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

void tell_pool(const Session& session, const Pool& pool) {
  const Island& island = pool.centers.at(0).islands.at(0);
  const Processor& p = island.node.processor;
  session.print(session.text(Say::discover_title) + "\n  " +
                session.text(Say::processor, p.model, p.sockets, p.cores, p.numa_nodes) + "\n  " +
                session.text(Say::memory, print(island.node.memory)) + "; " + session.text(Say::caches, cache_list(p.caches)) + "\n  " +
                session.text(Say::instructions, joined(p.isa)));
}

void tell_coefficients(Session& session, const Coefficients& c) {
  double age = session.clock().now() - c.measured;
  if (age > 5) session.print("  " + session.text(Say::measured_before, duration(age), c.source));
  std::vector<std::pair<int, int>> layouts;
  for (const KernelTime& k : c.kernels)
    if (std::pair layout{k.ranks, k.threads}; std::find(layouts.begin(), layouts.end(), layout) == layouts.end()) layouts.push_back(layout);
  Table table({"", session.text(Say::gemm_rate), session.text(Say::bandwidth), session.text(Say::all_reduce)});
  for (auto [ranks, threads] : layouts)
    table.row({fmt::format("{} x {}", ranks, threads), best_products(c, ranks, threads), memory_rate(c, ranks, threads), collective_rate(c, ranks)});
  session.print(table.print());
}

void tell_plans(const Session& session, const planner::Search& search) {
  int64_t left_out = 0;
  for (const planner::Rejection& r : search.rejected) left_out += r.count;
  session.print(session.text(Say::plan_title) + "\n  " + session.text(Say::candidates, search.feasible, left_out));
  Table table({session.text(Say::column_plan), session.text(Say::column_step), session.text(Say::column_tokens),
               session.text(Say::column_memory), session.text(Say::column_total)});
  for (const Plan& plan : search.plans)
    table.row({summary(plan), print(plan.forecast.step_time), fmt::format("{:.0f}", plan.forecast.tokens_per_s),
               print(plan.forecast.memory), duration(plan.forecast.total_time.base())});
  session.print(table.print());
  if (!search.rejected.empty()) {
    Table out({session.text(Say::column_count), session.text(Say::rejected)});
    for (const planner::Rejection& r : search.rejected) out.row({fmt::format("{}", r.count), r.reason});
    session.print(out.print());
  }
  const Plan& best = search.plans.front();
  session.print("  " + session.text(Say::chosen_because, best.reason));
  if (!best.forecast.energy) session.print("  " + session.text(Say::no_energy, best.forecast.energy_note));
  if (!search.note.empty()) session.print("  " + search.note);
}

Narrator::Narrator(Session& session, const ledger::Job& job)
    : session_(session), steps_(job.plan.workload.train.steps), seconds_(job.plan.forecast.step_time.base()) {
  session.print(session.text(Say::run_title) + "\n  " + session.text(Say::job_line, job.id, summary(job.plan)));
  session.hint("  " + session.text(Say::stop_hint));
}

void Narrator::hear_step(const Record& record) {
  int64_t done = record.step.value_or(0);
  seconds_ = 0.9 * seconds_ + 0.1 * record.step_time.value_or(Seconds{}).base();
  bool worth = done == 1 || done == steps_ || done - told_at_ >= std::max<int64_t>(1, steps_ / 10);
  if (worth) told_at_ = done;
  session_.progress(session_.text(Say::progress_line, done, steps_, record.loss.value_or(0), record.tokens_per_s.value_or(0),
                                  duration(double(steps_ - done) * seconds_)),
                    worth);
}

void Narrator::hear(const Record& record) {
  if (record.event == Event::step) return hear_step(record);
  if (record.rank != 0) return;
  if (record.event == Event::started && record.step.value_or(0) > 0)
    session_.hint("  " + session_.text(Say::resumed_from, *record.step));
  if (record.event == Event::note) session_.hint("  " + record.message);
  if (record.event == Event::stopped) {
    session_.end_progress();
    session_.hint(session_.text(Say::stopped_at, record.step.value_or(0)));
  }
}

}  // namespace heliu::app
