// The groups that a rank belongs to.
#pragma once

#include <memory>

#include "comm/group.h"
#include "train/seat.h"

namespace heliu::train {

struct Teams {
  std::unique_ptr<comm::Group> all;     // every rank of the job
  std::unique_ptr<comm::Group> data;    // same part of the model, other data
  std::unique_ptr<comm::Group> tensor;  // same layers and data, other columns
};

// Meets all peers; every rank of the plan calls it. Throws CommError.
Teams join_teams(const Parallel& parallel, const Seat& seat);

}  // namespace heliu::train
