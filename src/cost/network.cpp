// Rings and trees over two levels. A ring over all ranks crosses each domain's border once for
// every rail, so a team with r ranks in a domain has r network links to itself: its bandwidth is
// the smaller of the scale-up link's and of r network links'. Latency: a ring takes a step for each
// rank, a tree two for each doubling; the library takes the better one (Thakur et al., IJHPCA
// 19(1), 2005; Sanders et al., Parallel Computing 35, 2009, for the double tree). Switches that add
// halve what a rank sends.
#include "cost/network.h"

#include <algorithm>
#include <cmath>

namespace heliu::cost {
namespace {

struct Path {
  double bandwidth = 0;
  double ring_latency = 0;  // of one turn
  double tree_latency = 0;  // of one sweep
  bool reduces = false;
};

Path path(const Machine& machine, const Team& team) {
  double in = inside(machine, team), out = team.size / in;
  Path p;
  p.bandwidth = in > 1 || out <= 1 ? machine.link : machine.network;
  p.ring_latency = machine.link_latency * 0.15 * (in - 1);
  p.tree_latency = machine.link_latency * (in > 1);
  if (out > 1) {
    p.bandwidth = std::min(p.bandwidth, in * machine.network);
    p.ring_latency += machine.network_latency * 0.15 * (team.size - in);
    p.tree_latency += machine.network_latency * std::log2(out);
  }
  p.reduces = out > 1 ? machine.network_reduces : machine.link_reduces;
  return p;
}

}  // namespace

double inside(const Machine& machine, const Team& team) {
  return std::clamp(std::floor(machine.domain / team.stride), 1.0, team.size);
}

double all_reduce_time(const Machine& machine, const Team& team, double bytes) {
  if (team.size <= 1 || bytes <= 0) return 0;
  Path p = path(machine, team);
  double share = (team.size - 1) / team.size;
  double ring = 2 * share * bytes / p.bandwidth + 2 * p.ring_latency + p.tree_latency;
  double tree = (p.reduces ? 1.3 * share + 0.2 : 2) * bytes / p.bandwidth + 2 * p.tree_latency;
  return std::min(ring, tree);
}

double all_gather_time(const Machine& machine, const Team& team, double bytes) {
  if (team.size <= 1 || bytes <= 0) return 0;
  Path p = path(machine, team);
  double share = (team.size - 1) / team.size;
  return share * bytes / p.bandwidth + std::min(p.ring_latency, 2 * p.tree_latency) +
         p.tree_latency;
}

double all_to_all_time(const Machine& machine, const Team& team, double bytes) {
  if (team.size <= 1 || bytes <= 0) return 0;
  double in = inside(machine, team), out = team.size / in;
  double within = bytes * (in - 1) / team.size / machine.link;
  double across = out > 1 ? bytes * (team.size - in) / team.size / machine.network : 0;
  double latency = machine.link_latency * (in > 1) + machine.network_latency * std::log2(out);
  // Links of both kinds work at once.
  return std::max(within, across) + latency;
}

double send_time(const Machine& machine, double distance, double bytes) {
  bool near = distance < machine.domain;
  return bytes / (near ? machine.link : machine.network) +
         (near ? machine.link_latency : machine.network_latency);
}

}  // namespace heliu::cost
