#include "cost/calibrate.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

namespace heliu::cost {
namespace {

// One number to fit: where it is, what it is drawn to, and which samples feel it.
struct Knob {
  double* value = nullptr;
  double start = 0;   // logarithm
  double spread = 1;  // of the logarithm, expected
  double low = -1e9, high = 1e9;
  std::vector<size_t> samples;
};

constexpr double huber = 0.12;  // errors beyond count linearly
constexpr double sample_noise = 0.05;

class Fit {
 public:
  Fit(const std::vector<Sample>& samples, Calibration start)
      : samples_(samples), calibration_(std::move(start)) {
    chips();
    networks();
    frameworks();
    residual_.resize(samples.size());
  }

  Calibration run(int rounds) {
    double damping = 1e-2;
    double loss = look(all());
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
          damping = std::max(1e-6, damping / 4);
          if (done) return std::move(calibration_);
        } else {
          for (size_t i = 0; i < knobs_.size(); ++i) *knobs_[i].value = before[i];
          residual_ = kept;
          damping *= 6;
        }
      }
      if (!better) break;
    }
    return std::move(calibration_);
  }

 private:
  using Feels = std::function<bool(const Observation&)>;

  void knob(double& value, double spread, double low, double high, const Feels& feels) {
    Knob k{&value, std::log(value), spread, std::log(low), std::log(high), {}};
    for (size_t i = 0; i < samples_.size(); ++i)
      if (feels(samples_[i].observation)) k.samples.push_back(i);
    if (!k.samples.empty()) knobs_.push_back(std::move(k));
  }

  void chips() {
    for (ChipCalibration& c : calibration_.chips) {
      if (c.chip.empty()) continue;
      auto at = [&](auto... precision) {
        return [&, precision...](const Observation& o) {
          return o.chip->name == c.chip && ((o.layout.precision == precision) || ...);
        };
      };
      auto here = [&](const Observation& o) { return o.chip->name == c.chip; };
      knob(c.matmul_32, 0.2, 0.1, 1, at(Precision::fp32, Precision::tf32));
      knob(c.matmul_16, 0.12, 0.1, 1, here);
      knob(c.matmul_8, 0.2, 0.1, 1, at(Precision::fp8));
      knob(c.matmul_mx8, 0.2, 0.1, 1, at(Precision::mxfp8));
      knob(c.matmul_4, 0.3, 0.05, 1, at(Precision::nvfp4));
      knob(c.attention, 0.3, 0.05, 1, here);
      knob(c.memory, 0.15, 0.2, 1, here);
      knob(c.area, 0.5, 1e5, 1e7, here);
      knob(c.depth, 0.5, 10, 1000, here);
      knob(c.link, 0.2, 0.1, 1, here);
      knob(c.link_latency_s, 0.5, 1e-6, 1e-3, here);
    }
  }
  void networks() {
    for (NetworkCalibration& n : calibration_.networks) {
      if (n.network.empty()) continue;
      auto here = [&](const Observation& o) {
        return o.cluster.nodes > 1 && o.cluster.network_name == n.network;
      };
      knob(n.bandwidth, 0.3, 0.05, 1, here);
      knob(n.latency_s, 0.7, 1e-6, 2e-3, here);
    }
  }
  void frameworks() {
    for (FrameworkCalibration& f : calibration_.frameworks) {
      if (f.framework.empty()) continue;
      auto here = [&](const Observation& o) { return o.framework == f.framework; };
      knob(f.layer_s, 0.7, 1e-6, 1e-2, here);
      knob(f.expert_layer_s, 0.7, 1e-6, 1e-2,
           [&](const Observation& o) { return here(o) && o.task.model.experts.count > 0; });
      knob(f.step_s, 0.8, 1e-5, 1, here);
      knob(f.attention, 0.3, 0.2, 4, here);
      knob(f.traffic, 0.4, 0.2, 6, here);
      knob(f.tensor_exposed, 0.4, 0.02, 1.5, here);
      knob(f.pipeline_exposed, 0.7, 0.02, 4, here);
      knob(f.data_exposed, 0.7, 0.01, 1.5, here);
      knob(f.expert_exposed, 0.5, 0.02, 2, here);
      knob(f.straggling, 0.8, 1e-5, 0.1, here);
      knob(f.narrow_cast, 0.5, 0.1, 6, here);
    }
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
      double away = (std::log(*k.value) - k.start) / k.spread;
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
      normal_[j * n + j] += strength;
      pull_[j] += strength * (std::log(*knobs_[j].value) - knobs_[j].start);
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

Calibration calibrate(const std::vector<Sample>& samples, Calibration start, int rounds) {
  return Fit(usable(samples), std::move(start)).run(rounds);
}

}  // namespace heliu::cost
