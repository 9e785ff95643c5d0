#include "cost/kernel_time.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <set>

namespace heliu::cost {
namespace {

constexpr size_t neighbours = 4;          // measurements that an interpolation listens to
constexpr double well_outside = 0.7;      // beyond the measured range by more than a factor of 2
constexpr double attention_share = 0.25;  // of a plain product's rate; assumed, not measured

bool is_product(std::string_view kernel) {
  return kernel.starts_with("gemm") || kernel.starts_with("attention");
}

// Kernels over one long array, however a caller shapes it.
bool is_flat(std::string_view kernel) {
  return kernel == "adamw" || kernel == "sum_of_squares" || kernel == "triad" || kernel == "empty";
}

// Kernels on f32 only: measured under whatever precision, it is the same thing.
bool ignores_precision(std::string_view kernel) {
  return kernel == "sum_of_squares" || kernel == "triad" || kernel == "empty" ||
         kernel.starts_with("embedding");
}

Precision precision_key(std::string_view kernel, Precision precision) {
  return ignores_precision(kernel) ? Precision::fp32 : precision;
}

// Where a shape stands among others. For kernels over rows it is the number of elements that
// counts, and only a little how they are cut into rows.
std::array<double, 3> place_of(std::string_view kernel, int64_t m, int64_t n, int64_t k) {
  double x = std::log(double(m)), y = std::log(double(n)), z = std::log(double(k));
  if (is_product(kernel)) return {x, y, z};
  return {x + y, is_flat(kernel) ? 0 : (x - y) / 4, 0};
}

double distance(const std::array<double, 3>& a, const std::array<double, 3>& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

double between(KernelLayout a, KernelLayout b) {
  double ranks = std::log(double(a.ranks) / b.ranks),
         threads = std::log(double(a.threads) / b.threads);
  return std::abs(ranks) + std::abs(threads);
}

// Bytes that one element costs in memory traffic, each operand touched once; e: bytes of the
// compute type. Operands and types as device.h has them.
double traffic(std::string_view kernel, double e) {
  if (kernel == "layer_norm") return 8 + 2 * e;
  if (kernel == "layer_norm_backward") return 12 + e;
  if (kernel == "gelu") return 2 * e;
  if (kernel == "gelu_backward" || kernel == "cross_entropy") return 3 * e;
  if (kernel == "bias_gradient") return e;
  if (kernel == "add") return 8 + e;
  if (kernel == "convert") return 4 + e;
  if (kernel == "embedding_backward") return 12;
  if (kernel == "adamw") return 32 + (e == 2 ? 2 : 0);
  if (kernel == "sum_of_squares") return 4;
  return 8;
}

}  // namespace

KernelTimes::KernelTimes(const std::vector<KernelTime>& measured) {
  // Shapes measured more than once count once, with their mean rate.
  std::map<std::pair<Key, Place>, std::pair<double, int>> sums;
  for (const KernelTime& one : measured) {
    if (one.time <= Seconds() || one.m < 1 || one.n < 1 || one.k < 1) continue;
    Key key{one.kernel, precision_key(one.kernel, one.precision), {one.ranks, one.threads}};
    auto& [sum, count] = sums[{key, place_of(one.kernel, one.m, one.n, one.k)}];
    sum += std::log(work(one.kernel, one.m, one.n, one.k) / one.time.base());
    ++count;
  }
  for (const auto& [where, total] : sums) {
    auto [series, first] = series_.try_emplace(where.first);
    Series& s = series->second;
    if (first) s.low = s.high = where.second;
    for (size_t i = 0; i < 3; ++i) {
      s.low[i] = std::min(s.low[i], where.second[i]);
      s.high[i] = std::max(s.high[i], where.second[i]);
    }
    s.points.push_back({where.second, total.first / total.second});
  }
}

size_t KernelTimes::CallHash::operator()(
    const std::tuple<std::string_view, Precision, KernelLayout, Place>& key) const {
  const auto& [kernel, precision, layout, place] = key;
  size_t hash = std::hash<std::string_view>()(kernel);
  auto mix = [&](uint64_t value) { hash = (hash ^ value) * 0x9E3779B97F4A7C15ull; };
  mix(uint64_t(precision) << 60 ^ uint64_t(layout.ranks) << 20 ^ uint64_t(layout.threads));
  for (double x : place) mix(std::bit_cast<uint64_t>(x) ^ hash >> 29);
  return hash ^ hash >> 32;
}

const KernelTimes::Entry* KernelTimes::nearest(std::string_view kernel, Precision precision,
                                               KernelLayout layout) const {
  const Entry* best = nullptr;
  auto from = series_.lower_bound({std::string(kernel), precision, {0, 0}});
  for (; from != series_.end(); ++from) {
    const auto& [name, its_precision, its_layout] = from->first;
    if (name != kernel || its_precision != precision) break;
    if (!best || between(its_layout, layout) < between(std::get<2>(best->first), layout))
      best = &*from;
  }
  return best;
}

// Modified Shepard weights (Franke and Nielson 1980): inverse to the distance, and nothing at the
// distance of the first measurement that is not listened to, so that the answer has no jumps.
KernelEstimate KernelTimes::interpolate(const Series& series, const Call& call) {
  Place place = place_of(call.kernel, call.m, call.n, call.k);
  std::vector<std::pair<double, double>> near;  // distance, log rate
  for (const Point& point : series.points)
    near.emplace_back(distance(point.place, place), point.log_rate);
  std::sort(near.begin(), near.end());

  double reach =
      near.size() > neighbours ? near[neighbours].first : std::numeric_limits<double>::infinity();
  double sum = 0, weights = 0;
  for (size_t i = 0; i < std::min(neighbours, near.size()); ++i) {
    auto [away, log_rate] = near[i];
    if (away < 1e-12) {
      sum = log_rate, weights = 1;
      break;
    }
    double weight = std::isinf(reach) ? 1 / away : (reach - away) / (reach * away);
    if (weight <= 0 && i == 0) weight = 1;
    sum += weight * log_rate;
    weights += weight;
  }

  bool outside = false;
  for (size_t i = 0; i < 3; ++i)
    outside |= place[i] < series.low[i] - well_outside || place[i] > series.high[i] + well_outside;
  return {Seconds::of(work(call.kernel, call.m, call.n, call.k) / std::exp(sum / weights)),
          outside};
}

// Products grow with the threads of a rank, the rest with its share of the memory bandwidth.
double KernelTimes::slow_down(std::string_view kernel, KernelLayout from, KernelLayout to) const {
  double threads = double(from.threads) / to.threads;
  if (is_product(kernel)) return threads;
  auto before = memory_bandwidth(from), after = memory_bandwidth(to);
  return before && after ? *before / *after : threads;
}

std::optional<KernelEstimate> KernelTimes::measured(const Call& call, Precision precision,
                                                    KernelLayout layout) const {
  const Entry* entry = nearest(call.kernel, precision_key(call.kernel, precision), layout);
  if (!entry) return {};
  KernelLayout ran = std::get<2>(entry->first);
  KernelEstimate estimate = interpolate(entry->second, call);
  if (ran == layout) return estimate;
  return KernelEstimate{estimate.time * slow_down(call.kernel, ran, layout), true};
}

std::optional<KernelEstimate> KernelTimes::stand_in(const Call& call, Precision precision,
                                                    KernelLayout layout) const {
  if (!is_product(call.kernel)) {
    auto bandwidth = memory_bandwidth(layout);
    if (!bandwidth) return {};
    double bytes = work(call.kernel, call.m, call.n, 1) * traffic(call.kernel, bytes_of(precision));
    return KernelEstimate{Bytes::of(bytes) / *bandwidth, true};
  }
  if (call.kernel == "gemm") return {};
  Call product = call;
  product.kernel = "gemm";
  auto estimate = time(product, precision, layout);
  if (!estimate) return {};
  double factor = 1;
  if (call.kernel == "attention") factor = 1 / attention_share;
  if (call.kernel == "attention_backward") factor = 2.5 / attention_share;
  return KernelEstimate{estimate->time * factor, true};
}

std::optional<KernelEstimate> KernelTimes::time(const Call& call, Precision precision,
                                                KernelLayout layout) const {
  std::tuple key{call.kernel, precision, layout, place_of(call.kernel, call.m, call.n, call.k)};
  if (auto known = memo_.find(key); known != memo_.end()) return known->second;

  auto estimate = measured(call, precision, layout);
  if (!estimate) {
    Precision other = precision == Precision::fp32 ? Precision::bf16 : Precision::fp32;
    estimate = measured(call, other, layout);
    if (estimate) estimate->extrapolated = true;
  }
  if (!estimate) estimate = stand_in(call, precision, layout);
  if (estimate && estimate->extrapolated)
    estimate->time = std::max(estimate->time, overhead(layout));
  return memo_[key] = estimate;
}

Seconds KernelTimes::overhead(KernelLayout layout) const {
  auto estimate = measured({"empty"}, Precision::fp32, {layout.ranks, layout.threads});
  return estimate ? estimate->time : Seconds();
}

std::optional<Bandwidth> KernelTimes::memory_bandwidth(KernelLayout layout) const {
  const Entry* entry = nearest("triad", Precision::fp32, layout);
  if (!entry) return {};
  // The longest array is the one that no cache helps.
  const auto& points = entry->second.points;
  auto longest = std::max_element(points.begin(), points.end(), [](const Point& a, const Point& b) {
    return a.place[0] < b.place[0];
  });
  Bandwidth own = Bandwidth::of(12 * std::exp(longest->log_rate));
  KernelLayout ran = std::get<2>(entry->first);
  if (ran == layout) return own;
  double share = std::min(1.0, double(layout.ranks * layout.threads) / (ran.ranks * ran.threads));
  return own * double(ran.ranks) * share / layout.ranks;
}

}  // namespace heliu::cost
