#include "cost/score.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace heliu::cost {
namespace {

constexpr int folds = 5;

// FNV-1a, mixed: the same on every machine.
uint64_t hash_of(const std::string& text) {
  uint64_t hash = 1469598103934665603ull;
  for (unsigned char c : text) hash = (hash ^ c) * 1099511628211ull;
  return hash ^ (hash >> 29);
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (double v : values) sum += v;
  return values.empty() ? 0 : sum / double(values.size());
}

// Nearest rank.
double quantile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  auto rank = size_t(std::ceil(share * double(sorted.size())));
  return sorted[std::clamp<size_t>(rank, 1, sorted.size()) - 1];
}

// Kendall's tau-b, which allows for ties (Kendall, Biometrika 33(3), 1945).
double kendall(const std::vector<const RowScore*>& plans) {
  double agree = 0, pairs_a = 0, pairs_b = 0;
  for (size_t i = 0; i < plans.size(); ++i)
    for (size_t j = 0; j < i; ++j) {
      double a = plans[i]->measured - plans[j]->measured;
      double b = plans[i]->forecast - plans[j]->forecast;
      agree += double((a > 0) - (a < 0)) * double((b > 0) - (b < 0));
      pairs_a += a != 0;
      pairs_b += b != 0;
    }
  if (pairs_a == 0) return 1;  // nothing to tell apart
  return pairs_b > 0 ? agree / std::sqrt(pairs_a * pairs_b) : 0;
}

double regret(const std::vector<const RowScore*>& plans) {
  auto by = [](double RowScore::*field) {
    return [field](const RowScore* a, const RowScore* b) { return a->*field < b->*field; };
  };
  const RowScore* chosen = *std::ranges::min_element(plans, by(&RowScore::forecast));
  const RowScore* best = *std::ranges::min_element(plans, by(&RowScore::measured));
  return chosen->measured / best->measured - 1;
}

void order(GroupScore& group, const std::vector<const RowScore*>& rows) {
  std::map<std::string, std::vector<const RowScore*>> families;
  for (const RowScore* row : rows) families[row->family].push_back(row);
  std::vector<double> taus, regrets;
  for (const auto& [name, plans] : families) {
    if (plans.size() < size_t(family_size)) continue;
    taus.push_back(kendall(plans));
    regrets.push_back(regret(plans));
  }
  group.families = int(taus.size());
  group.tau = mean(taus);
  group.regret = mean(regrets);
}

GroupScore summary(const std::string& name, const std::vector<const RowScore*>& all) {
  GroupScore group{.group = name, .rows = int(all.size())};
  std::vector<const RowScore*> rows;
  std::vector<double> errors, signs, memory;
  for (const RowScore* row : all) {
    if (row->status != RowStatus::ok) continue;
    rows.push_back(row);
    errors.push_back(std::abs(row->error()));
    signs.push_back(row->error());
    if (row->memory && row->measured_memory)
      memory.push_back(std::abs(*row->memory / *row->measured_memory - 1));
  }
  std::ranges::sort(errors);
  group.supported = int(rows.size());
  group.mean = mean(errors);
  group.median = quantile(errors, 0.5);
  group.p90 = quantile(errors, 0.9);
  group.most = errors.empty() ? 0 : errors.back();
  group.bias = mean(signs);
  group.memory_rows = int(memory.size());
  group.memory_mean = mean(memory);
  order(group, rows);
  return group;
}

bool is_time(double seconds) { return std::isfinite(seconds) && seconds > 0; }
constexpr const char* no_time = "no forecast: its time is not a finite number";

struct Prepared {
  std::vector<Observation> observations;
  std::vector<RowScore> rows;
};

Prepared prepare(const std::vector<Measurement>& rows, const Catalog& catalog) {
  Prepared out;
  for (const Measurement& row : rows) {
    Observation o;
    if (row.fault.empty()) o = observe(row, catalog);
    if (row.fault.empty() && o.reason.empty() && !is_time(forecast(o, {}).estimate.step))
      o.reason = no_time;
    RowScore score{.id = row.id, .group = row.group, .measured = row.step_time};
    score.reason = row.fault.empty() ? o.reason : row.fault;
    score.status = !row.fault.empty()  ? RowStatus::invalid
                   : !o.reason.empty() ? RowStatus::unsupported
                                       : RowStatus::ok;
    score.measured_memory = row.memory;
    score.family = fmt::format("{}|{}|{}|{}|{}", row.group, row.model_name, row.chip, row.devices,
                               row.global_batch);
    o.reason = score.reason;
    out.observations.push_back(std::move(o));
    out.rows.push_back(std::move(score));
  }
  return out;
}

void fill(RowScore& row, const Observation& observation, const Calibration& calibration) {
  if (row.status != RowStatus::ok) return;
  Observed seen = forecast(observation, calibration);
  row.forecast = seen.estimate.step;
  if (!is_time(row.forecast)) {
    row.status = RowStatus::unsupported;
    row.reason = no_time;
    return;
  }
  row.memory = seen.estimate.footprint.total();
  row.fits = seen.estimate.fits;
}

Calibration fit(const Prepared& all, int fold) {
  std::vector<Sample> samples;
  std::vector<std::string> groups;
  for (size_t i = 0; i < all.rows.size(); ++i) {
    const RowScore& row = all.rows[i];
    if (row.status != RowStatus::ok || (fold >= 0 && held_out(row.id, fold))) continue;
    samples.push_back({all.observations[i], row.measured, 1});
    groups.push_back(row.group);
  }
  balance(samples, groups);
  return calibrate(samples, prepared(samples));
}

}  // namespace

bool held_out(const std::string& id, int fold) { return int(hash_of(id) % folds) == fold; }

std::vector<RowScore> score(const std::vector<Measurement>& rows, const Catalog& catalog,
                            const Calibration& calibration) {
  Prepared all = prepare(rows, catalog);
  for (size_t i = 0; i < all.rows.size(); ++i) {
    all.rows[i].held_out = held_out(all.rows[i].id);
    fill(all.rows[i], all.observations[i], calibration);
  }
  return std::move(all.rows);
}

std::vector<GroupScore> summarize(const std::vector<RowScore>& rows) {
  std::map<std::string, std::vector<const RowScore*>> groups;
  std::vector<const RowScore*> all;
  for (const RowScore& row : rows) {
    groups[row.group].push_back(&row);
    all.push_back(&row);
  }
  std::vector<GroupScore> out;
  for (const auto& [name, members] : groups) out.push_back(summary(name, members));
  out.push_back(summary("all", all));
  return out;
}

Calibration calibrate(const std::vector<Measurement>& rows, const Catalog& catalog, int fold) {
  return fit(prepare(rows, catalog), fold);
}

std::vector<RowScore> cross_validate(const std::vector<Measurement>& rows, const Catalog& catalog) {
  Prepared all = prepare(rows, catalog);
  for (int fold = 0; fold < folds; ++fold) {
    Calibration calibration = fit(all, fold);
    for (size_t i = 0; i < all.rows.size(); ++i) {
      if (!held_out(all.rows[i].id, fold)) continue;
      all.rows[i].held_out = true;
      fill(all.rows[i], all.observations[i], calibration);
    }
  }
  return std::move(all.rows);
}

}  // namespace heliu::cost
