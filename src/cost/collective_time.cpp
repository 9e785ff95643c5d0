#include "cost/collective_time.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace heliu::cost {
namespace {

// `rounds` messages in a row that carry `share` of the payload in all.
Seconds rounds(double rounds, double share, Bytes payload, const Link& link) {
  return rounds * link.latency + share * payload / link.bandwidth;
}

double share(int ranks) { return double(ranks - 1) / ranks; }

// How the ring's bandwidth term grows with the ranks.
double growth(int from, int to) { return from > 1 ? share(to) / share(from) : 1; }

}  // namespace

Seconds ring_all_reduce(Bytes payload, int ranks, const Link& link) {
  return rounds(2.0 * (ranks - 1), 2 * share(ranks), payload, link);
}

Seconds ring_all_gather(Bytes payload, int ranks, const Link& link) {
  return rounds(ranks - 1, share(ranks), payload, link);
}

Seconds ring_reduce_scatter(Bytes payload, int ranks, const Link& link) {
  return rounds(ranks - 1, share(ranks), payload, link);
}

Seconds pairwise_all_to_all(Bytes payload, int ranks, const Link& link) {
  return rounds(ranks - 1, share(ranks), payload, link);
}

Seconds broadcast(Bytes payload, int ranks, const Link& link) {
  return rounds(std::ceil(std::log2(ranks)) + ranks - 1, 2 * share(ranks), payload, link);
}

Seconds send(Bytes payload, const Link& link) { return rounds(1, 1, payload, link); }

CollectiveTimes::CollectiveTimes(const std::vector<CollectiveTime>& measured) {
  for (const CollectiveTime& one : measured)
    if (one.time > Seconds())
      curves_[{one.operation, {one.ranks, one.threads}}][one.payload.base()] = one.time.base();
}

Seconds CollectiveTimes::read(const Curve& curve, Bytes payload) {
  double bytes = payload.base();
  auto above = curve.lower_bound(bytes);
  if (above != curve.end() && (above->first == bytes || above == curve.begin()))
    return Seconds::of(above->second);
  if (curve.size() == 1)
    return Seconds::of(curve.begin()->second * bytes / std::max(1.0, curve.begin()->first));
  if (above == curve.end()) --above;
  auto below = std::prev(above);
  double slope = (above->second - below->second) / (above->first - below->first);
  // Noise may make a larger payload look faster; what lies beyond must not become negative.
  if (bytes > above->first)
    return Seconds::of(std::max(above->second, above->second + (bytes - above->first) * slope));
  return Seconds::of(below->second + (bytes - below->first) * slope);
}

std::optional<KernelEstimate> CollectiveTimes::time(const std::string& operation, Bytes payload,
                                                    KernelLayout layout) const {
  if (auto exact = curves_.find({operation, layout}); exact != curves_.end())
    return KernelEstimate{read(exact->second, payload), false};

  const Curve* best = nullptr;
  KernelLayout ran;
  double least = 0;
  for (auto it = curves_.lower_bound({operation, {0, 0}});
       it != curves_.end() && std::get<0>(it->first) == operation; ++it) {
    KernelLayout its = std::get<1>(it->first);
    // The number of ranks matters more than their threads.
    double away = 4 * std::abs(std::log(double(its.ranks) / layout.ranks)) +
                  std::abs(std::log(double(its.threads) / layout.threads));
    if (!best || away < least) best = &it->second, ran = its, least = away;
  }
  if (!best) return {};
  return KernelEstimate{read(*best, payload) * growth(ran.ranks, layout.ranks), true};
}

}  // namespace heliu::cost
