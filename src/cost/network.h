// Time of collectives on a hierarchical network: scale-up domains joined by a fabric.
#pragma once

#include "cost/machine.h"

namespace heliu::cost {

// Ranks that take part in one collective, `stride` devices apart: tensor-parallel ranks stand side
// by side (stride 1), data-parallel ones behind them.
struct Team {
  double size = 1;
  double stride = 1;
};

// How many of a team share a domain.
double inside(const Machine& machine, const Team& team);

// Seconds; `bytes` is what each rank holds before (all_reduce, reduce_scatter, all_to_all) or after
// (all_gather).
double all_reduce_time(const Machine& machine, const Team& team, double bytes);
double all_gather_time(const Machine& machine, const Team& team, double bytes);
inline double reduce_scatter_time(const Machine& machine, const Team& team, double bytes) {
  return all_gather_time(machine, team, bytes);
}
double all_to_all_time(const Machine& machine, const Team& team, double bytes);

// From one rank to that `distance` devices further on.
double send_time(const Machine& machine, double distance, double bytes);

}  // namespace heliu::cost
