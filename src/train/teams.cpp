#include "train/teams.h"

#include <fmt/core.h>

namespace heliu::train {

Teams join_teams(const Parallel& parallel, const Seat& seat) {
  Coordinates at = coordinates(parallel, seat.rank);
  auto join = [&](const std::string& team, int rank, int size) {
    return comm::join("shm", {.name = seat.job + "-" + team, .rank = rank, .size = size});
  };
  Teams teams;
  teams.all = join("all", seat.rank, ranks_of(parallel));
  teams.data = join(fmt::format("data-{}-{}", at.pp, at.tp), at.dp, parallel.dp);
  teams.tensor = join(fmt::format("tensor-{}-{}", at.pp, at.dp), at.tp, parallel.tp);
  return teams;
}

}  // namespace heliu::train
