// The widest way by relaxation over all links (Bellman and Ford's scheme with the minimum in place
// of the sum; of equally wide ways the quicker one).
#include "planner/wan.h"

#include <algorithm>
#include <map>

namespace heliu::planner {
namespace {

std::string center_of(const std::string& place) { return place.substr(0, place.find('/')); }

// Of all an island's nodes together.
Bandwidth outlet(const Pool& pool, const std::string& place) {
  const Island* island = find_island(pool, place);
  if (!island) return {};
  Bandwidth node =
      island->fabric.bandwidth > Bandwidth{} ? island->fabric.bandwidth : island->node.network;
  return double(island->nodes) / std::max(1.0, island->fabric.oversubscription) * node;
}

bool wider(const Way& a, const Way& b) {
  return a.bandwidth != b.bandwidth ? a.bandwidth > b.bandwidth : a.latency < b.latency;
}

std::optional<Way> over_links(const Pool& pool, const std::string& from, const std::string& to) {
  std::map<std::string, Way> reached;
  reached[from] = {Bandwidth::of(1e30), {}, true};
  for (size_t round = 0; round < pool.centers.size(); ++round)
    for (const WanLink& link : pool.links) {
      if (link.between.size() != 2) continue;
      for (size_t end : {0u, 1u}) {
        auto here = reached.find(link.between[end]);
        if (here == reached.end()) continue;
        Way next{std::min(here->second.bandwidth, link.bandwidth),
                 here->second.latency + link.latency, true};
        auto [there, is_new] = reached.try_emplace(link.between[1 - end], next);
        if (!is_new && wider(next, there->second)) there->second = next;
      }
    }
  auto found = reached.find(to);
  if (found == reached.end()) return {};
  return found->second;
}

}  // namespace

std::optional<Way> way_between(const Pool& pool, const std::string& a, const std::string& b) {
  Way way;
  if (center_of(a) != center_of(b)) {
    auto links = over_links(pool, center_of(a), center_of(b));
    if (!links) return {};
    way = *links;
  } else {
    way.bandwidth = Bandwidth::of(1e30);
    way.latency = Seconds::of(50e-6);  // routers between two fabrics of one hall
  }
  way.bandwidth = std::min({way.bandwidth, outlet(pool, a), outlet(pool, b)});
  if (way.bandwidth <= Bandwidth{}) return {};
  return way;
}

std::optional<Seconds> ring_sum(const Pool& pool, const std::vector<std::string>& places,
                                Bytes payload) {
  if (places.size() < 2) return Seconds{};
  Way worst{Bandwidth::of(1e30), {}, false};
  for (size_t i = 0; i < places.size(); ++i) {
    auto way = way_between(pool, places[i], places[(i + 1) % places.size()]);
    if (!way) return {};
    worst.bandwidth = std::min(worst.bandwidth, way->bandwidth);
    worst.latency = std::max(worst.latency, way->latency);
  }
  double n = double(places.size());
  return 2 * (n - 1) / n * payload / worst.bandwidth + 2 * (n - 1) * worst.latency;
}

}  // namespace heliu::planner
