// Time of one kernel call, from measurements of the same kernel at other shapes.
//
// What is interpolated is the rate of work (operations.h), in logarithms of rate and shape: between
// two measured sizes on a line it is a power law through both, and at a measured shape it is what
// was measured. Far from everything measured, or for a layout of ranks and threads that never
// ran, the answer is the best guess of a chain of fall-backs and is marked `extrapolated`.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cost/operations.h"
#include "spec/record.h"

namespace heliu::cost {

// How a host is used: `ranks` processes at the same time, each with `threads`.
struct KernelLayout {
  int ranks = 1;
  int threads = 1;
  auto operator<=>(const KernelLayout&) const = default;
};

struct KernelEstimate {
  Seconds time;
  bool extrapolated = false;
};

// Answers are remembered, so one object serves one thread.
class KernelTimes {
 public:
  explicit KernelTimes(const std::vector<KernelTime>& measured);

  // One call of call's shape. Nothing when neither the kernel, nor what stands in for it (a plain
  // matrix product for products and attention, memory bandwidth for the rest), was ever measured.
  std::optional<KernelEstimate> time(const Call& call, Precision precision,
                                     KernelLayout layout) const;

  // Bytes per second that one rank gets from memory, from the kernel "triad": m elements of
  // a = b + s c in f32, 12 bytes an element (what a cache fetches in order to overwrite it is not
  // counted). Layouts that were not measured share what the nearest one got in all.
  std::optional<Bandwidth> memory_bandwidth(KernelLayout layout) const;

 private:
  using Place = std::array<double, 3>;  // logarithms of a shape
  struct Point {
    Place place;
    double log_rate;
  };
  struct Series {
    std::vector<Point> points;
    Place low, high;
  };
  using Key = std::tuple<std::string, Precision, KernelLayout>;
  using Entry = std::pair<const Key, Series>;

  const Entry* nearest(std::string_view kernel, Precision precision, KernelLayout layout) const;
  double slow_down(std::string_view kernel, KernelLayout from, KernelLayout to) const;
  std::optional<KernelEstimate> measured(const Call& call, Precision precision,
                                         KernelLayout layout) const;
  std::optional<KernelEstimate> stand_in(const Call& call, Precision precision,
                                         KernelLayout layout) const;
  Seconds overhead(KernelLayout layout) const;
  static KernelEstimate interpolate(const Series& series, const Call& call);

  std::map<Key, Series> series_;

  struct CallHash {
    size_t operator()(
        const std::tuple<std::string_view, Precision, KernelLayout, Place>& key) const;
  };
  mutable std::unordered_map<std::tuple<std::string_view, Precision, KernelLayout, Place>,
                             std::optional<KernelEstimate>, CallHash>
      memo_;
};

}  // namespace heliu::cost
