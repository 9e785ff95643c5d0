#include "cost/calibrate.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>

namespace heliu::cost {
namespace {

// One number to fit: where it is, what it is drawn to, and which samples feel it. A number with a
// parent is drawn to its parent, which is a number to fit as well: what its kind has in common.
struct Knob {
  double* value = nullptr;
  double start = 0;   // logarithm
  double spread = 1;  // of the logarithm, expected
  double low = -1e9, high = 1e9;
  size_t parent = SIZE_MAX;
  std::vector<size_t> samples;
};

constexpr double huber = 0.1;  // errors beyond count linearly
constexpr double sample_noise = 0.05;
// What no 8-bit product is known to exceed, of its peak.
constexpr double most_narrow = 0.9;

class Fit {
 public:
  Fit(const std::vector<Sample>& samples, Calibration start)
      : samples_(samples), calibration_(std::move(start)) {
    chips();
    networks();
    frameworks();
    residual_.resize(samples.size());
  }

  Calibration run(int rounds, std::vector<double>& losses) {
    double damping = 1e-2;
    double loss = look(all());
    losses.push_back(loss);
    for (int round = 0; round < rounds; ++round) {
      linearise();
      bool better = false;
      for (int attempt = 0; attempt < 6 && !better; ++attempt) {
        std::vector<double> before = values(), step = solve(damping);
        for (size_t i = 0; i < knobs_.size(); ++i) set(knobs_[i], std::log(before[i]) + step[i]);
        std::vector<double> kept = residual_;
        double next = look(all());
        better = next < loss;
        if (better) {
          bool done = loss - next < 1e-5 * loss;
          loss = next;
          losses.push_back(loss);
          damping = std::max(1e-6, damping / 4);
          if (done) return finished();
        } else {
          for (size_t i = 0; i < knobs_.size(); ++i) *knobs_[i].value = before[i];
          residual_ = kept;
          damping *= 6;
        }
      }
      if (!better) break;
    }
    return finished();
  }

 private:
  using Feels = std::function<bool(const Observation&)>;

  size_t knob(double& value, double spread, double low, double high, size_t parent,
              const Feels& feels) {
    Knob k{&value, std::log(value), spread, std::log(low), std::log(high), parent, {}};
    if (feels)
      for (size_t i = 0; i < samples_.size(); ++i)
        if (feels(samples_[i].observation)) k.samples.push_back(i);
    knobs_.push_back(std::move(k));
    return knobs_.size() - 1;
  }

  // The numbers of one kind, in a fixed order: its own, or those drawn to `parents`.
  using Row = std::vector<size_t>;

  // `most`: the share of peak that the best-shaped product was measured to reach.
  Row chip(ChipCalibration& c, double tight, double most, const Row& parents, const Feels& here) {
    auto at = [&](auto... precision) -> Feels {
      if (!here) return nullptr;
      return [=](const Observation& o) {
        return here(o) && ((o.layout.precision == precision) || ...);
      };
    };
    size_t n = 0;
    Row row;
    auto add = [&](double& value, double spread, double low, double high, const Feels& feels) {
      row.push_back(
          knob(value, tight * spread, low, high, parents.empty() ? SIZE_MAX : parents[n++], feels));
    };
    add(c.matmul_32, 0.2, 0.1, 1, at(Precision::fp32, Precision::tf32));
    add(c.matmul_16, 0.12, 0.1, most, here);
    add(c.matmul_8, 0.15, 0.1, most_narrow, at(Precision::fp8));
    add(c.matmul_mx8, 0.15, 0.1, most_narrow, at(Precision::mxfp8));
    add(c.matmul_4, 0.2, 0.05, 1, at(Precision::nvfp4));
    add(c.attention, 0.25, 0.05, 1, here);
    add(c.memory, 0.12, 0.2, 1, here);
    add(c.area, 0.4, 1e5, 1e7, here);
    add(c.depth, 0.4, 10, 1000, here);
    add(c.link, 0.2, 0.1, 1, here);
    add(c.link_latency_s, 0.5, 1e-6, 1e-3, here);
    return row;
  }

  // Chips of one architecture are drawn to what they have in common.
  void chips() {
    kinds_.resize(calibration_.chips.size() + 1);
    std::map<std::string, Row> parents;
    for (ChipCalibration& c : calibration_.chips) {
      std::string kind = kind_of(c.chip);
      if (!parents.contains(kind)) {
        ChipCalibration& common = kinds_[parents.size()];
        common = c;
        common.chip.clear();
        common.architecture = kind;
        common.rows = 0;
        parents[kind] = chip(common, 1, 0.9, {}, nullptr);
      }
      const std::string name = c.chip;
      chip(c, 0.7, most_of(c.chip), parents[kind],
           [name](const Observation& o) { return o.chip->name == name; });
    }
  }
  double most_of(const std::string& chip) const {
    for (const Sample& sample : samples_)
      if (sample.observation.chip->name == chip)
        return sample.observation.chip->best_matmul.value_or(0.9);
    return 0.9;
  }
  std::string kind_of(const std::string& chip) const {
    for (const Sample& sample : samples_)
      if (sample.observation.chip->name == chip) return sample.observation.chip->architecture;
    return "";
  }

  void networks() {
    for (NetworkCalibration& n : calibration_.networks) {
      auto here = [&](const Observation& o) {
        return o.cluster.nodes > 1 && o.cluster.network_name == n.network;
      };
      knob(n.bandwidth, 0.3, 0.05, 1, SIZE_MAX, here);
      knob(n.latency_s, 0.7, 1e-6, 2e-3, SIZE_MAX, here);
    }
  }

  Row framework(FrameworkCalibration& f, double tight, const Row& parents, const Feels& here) {
    size_t n = 0;
    Row row;
    auto add = [&](double& value, double spread, double low, double high, const Feels& feels) {
      row.push_back(
          knob(value, tight * spread, low, high, parents.empty() ? SIZE_MAX : parents[n++], feels));
    };
    Feels mixtures = nullptr;
    if (here)
      mixtures = [here](const Observation& o) { return here(o) && o.task.model.experts.count > 0; };
    add(f.layer_s, 0.7, 1e-6, 1e-2, here);
    add(f.expert_layer_s, 0.7, 1e-6, 1e-2, mixtures);
    add(f.step_s, 0.8, 1e-5, 0.15, here);
    add(f.attention, 0.3, 0.2, 4, here);
    add(f.traffic, 0.4, 0.2, 6, here);
    add(f.tensor_exposed, 0.4, 0.02, 1.5, here);
    add(f.pipeline_exposed, 0.7, 0.02, 4, here);
    add(f.data_exposed, 0.7, 0.01, 1.5, here);
    add(f.expert_exposed, 0.5, 0.02, 2, mixtures);
    add(f.straggling, 0.8, 1e-5, 0.1, here);
    Feels owners = nullptr;
    if (here)
      owners = [here](const Observation& o) {
        return here(o) && habits(o.framework, {}).owners_broadcast;
      };
    add(f.owner_s, 0.8, 1e-5, 0.1, owners);
    add(f.narrow_cast, 0.5, 0.1, 6, here);
    return row;
  }

  // NeMo, Megatron Bridge and NVIDIA's MLPerf entries are one code base; it has a common part.
  void frameworks() {
    Row common = framework(core_, 1, {}, nullptr);
    for (FrameworkCalibration& f : calibration_.frameworks) {
      bool one = f.framework == "nemo" || f.framework == "mbridge" || f.framework == "mlperf";
      const std::string name = f.framework;
      framework(f, one ? 0.6 : 1, one ? common : Row{},
                [name](const Observation& o) { return o.framework == name; });
    }
  }

  // What architectures have in common serves chips that no measurement speaks of.
  Calibration finished() {
    ChipCalibration any;
    auto mean = [&](double ChipCalibration::*field) {
      double sum = 0, weight = 0;
      for (const ChipCalibration& c : calibration_.chips) {
        double w = std::sqrt(double(std::min(c.rows, 50)));
        sum += w * std::log(c.*field);
        weight += w;
      }
      if (weight > 0) any.*field = std::exp(sum / weight);
    };
    for (auto field :
         {&ChipCalibration::matmul_16, &ChipCalibration::matmul_8, &ChipCalibration::matmul_mx8,
          &ChipCalibration::matmul_4, &ChipCalibration::attention, &ChipCalibration::memory,
          &ChipCalibration::area, &ChipCalibration::depth, &ChipCalibration::link,
          &ChipCalibration::link_latency_s})
      mean(field);
    for (const ChipCalibration& kind : kinds_)
      if (!kind.architecture.empty()) calibration_.chips.push_back(kind);
    calibration_.chips.push_back(any);
    return std::move(calibration_);
  }

  std::vector<size_t> all() const {
    std::vector<size_t> indices(samples_.size());
    for (size_t i = 0; i < indices.size(); ++i) indices[i] = i;
    return indices;
  }
  std::vector<double> values() const {
    std::vector<double> out;
    for (const Knob& k : knobs_) out.push_back(*k.value);
    return out;
  }
  static void set(Knob& k, double logarithm) {
    *k.value = std::exp(std::clamp(logarithm, k.low, k.high));
  }

  double centre(const Knob& k) const {
    return k.parent == SIZE_MAX ? k.start : std::log(*knobs_[k.parent].value);
  }

  double residual(size_t i) const {
    Observed seen = forecast(samples_[i].observation, calibration_);
    return std::log(seen.estimate.step / samples_[i].step_time);
  }

  // Fills the residuals of `indices`; returns the loss over everything.
  double look(const std::vector<size_t>& indices) {
    for (size_t i : indices) residual_[i] = residual(i);
    double loss = 0;
    for (size_t i = 0; i < samples_.size(); ++i) {
      double r = std::abs(residual_[i]);
      loss += samples_[i].weight * (r <= huber ? r * r : huber * (2 * r - huber)) /
              (sample_noise * sample_noise);
    }
    for (const Knob& k : knobs_) {
      double away = (std::log(*k.value) - centre(k)) / k.spread;
      loss += away * away;
    }
    return loss;
  }

  // Normal equations at the present values: numeric derivatives, of the samples that feel each.
  void linearise() {
    size_t n = knobs_.size();
    constexpr double nudge = 1e-3;
    std::vector<std::map<size_t, double>> slopes(samples_.size());
    for (size_t j = 0; j < n; ++j) {
      double before = *knobs_[j].value;
      *knobs_[j].value = before * std::exp(nudge);
      for (size_t i : knobs_[j].samples) {
        double slope = (residual(i) - residual_[i]) / nudge;
        if (slope != 0) slopes[i][j] = slope;
      }
      *knobs_[j].value = before;
    }
    normal_.assign(n * n, 0);
    pull_.assign(n, 0);
    for (size_t i = 0; i < samples_.size(); ++i) {
      double r = residual_[i];
      double weight = samples_[i].weight * std::min(1.0, huber / std::max(1e-12, std::abs(r))) /
                      (sample_noise * sample_noise);
      for (auto [a, x] : slopes[i]) {
        pull_[a] += weight * x * r;
        for (auto [b, y] : slopes[i]) normal_[a * n + b] += weight * x * y;
      }
    }
    for (size_t j = 0; j < n; ++j) {
      double strength = 1 / (knobs_[j].spread * knobs_[j].spread);
      double away = std::log(*knobs_[j].value) - centre(knobs_[j]);
      normal_[j * n + j] += strength;
      pull_[j] += strength * away;
      if (size_t p = knobs_[j].parent; p != SIZE_MAX) {
        normal_[p * n + p] += strength;
        normal_[p * n + j] -= strength;
        normal_[j * n + p] -= strength;
        pull_[p] -= strength * away;
      }
    }
  }

  // By Cholesky's decomposition: the matrix is positive definite, since every knob has a spread.
  std::vector<double> solve(double damping) const {
    size_t n = knobs_.size();
    std::vector<double> l = normal_, x(n);
    for (size_t j = 0; j < n; ++j) l[j * n + j] *= 1 + damping;
    for (size_t j = 0; j < n; ++j) {
      for (size_t k = 0; k < j; ++k) l[j * n + j] -= l[j * n + k] * l[j * n + k];
      l[j * n + j] = std::sqrt(std::max(1e-12, l[j * n + j]));
      for (size_t i = j + 1; i < n; ++i) {
        for (size_t k = 0; k < j; ++k) l[i * n + j] -= l[i * n + k] * l[j * n + k];
        l[i * n + j] /= l[j * n + j];
      }
    }
    for (size_t i = 0; i < n; ++i) {
      x[i] = -pull_[i];
      for (size_t k = 0; k < i; ++k) x[i] -= l[i * n + k] * x[k];
      x[i] /= l[i * n + i];
    }
    for (size_t i = n; i-- > 0;) {
      for (size_t k = i + 1; k < n; ++k) x[i] -= l[k * n + i] * x[k];
      x[i] = std::clamp(x[i] / l[i * n + i], -0.7, 0.7);
    }
    return x;
  }

  const std::vector<Sample>& samples_;
  Calibration calibration_;
  std::vector<ChipCalibration> kinds_;  // what the chips of an architecture have in common
  FrameworkCalibration core_;
  std::vector<Knob> knobs_;
  std::vector<double> residual_, normal_, pull_;
};

template <class One>
void count(std::vector<One>& all, std::string One::*key, const std::string& name, One standard) {
  for (One& one : all)
    if (one.*key == name) {
      ++one.rows;
      return;
    }
  standard.*key = name;
  standard.rows = 1;
  all.push_back(std::move(standard));
}

std::vector<Sample> usable(const std::vector<Sample>& samples) {
  std::vector<Sample> out;
  for (const Sample& sample : samples)
    if (sample.observation.reason.empty()) out.push_back(sample);
  return out;
}

}  // namespace

Calibration prepared(const std::vector<Sample>& samples) {
  Calibration c;
  for (const Sample& sample : samples) {
    const Observation& o = sample.observation;
    if (!o.reason.empty()) continue;
    ChipCalibration standard;
    if (o.chip->best_matmul) standard.matmul_16 = *o.chip->best_matmul * 0.95;
    count(c.chips, &ChipCalibration::chip, o.chip->name, standard);
    if (o.cluster.nodes > 1)
      count(c.networks, &NetworkCalibration::network, o.cluster.network_name, {});
    count(c.frameworks, &FrameworkCalibration::framework, o.framework, {});
  }
  return c;
}

void balance(std::vector<Sample>& samples, const std::vector<std::string>& groups) {
  std::map<std::string, double> rows;
  for (const std::string& group : groups) ++rows[group];
  for (size_t i = 0; i < samples.size(); ++i)
    samples[i].weight = std::min(1.0, std::sqrt(200 / rows[groups[i]]));
}

Calibration calibrate(const std::vector<Sample>& samples, Calibration start, int rounds,
                      std::vector<double>* losses) {
  std::vector<Sample> good = usable(samples);
  std::vector<double> unasked;
  return Fit(good, std::move(start)).run(rounds, losses ? *losses : unasked);
}

}  // namespace heliu::cost
