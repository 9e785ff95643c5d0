// Sums gradients over the data-parallel ranks while the backward still runs.
#pragma once

#include <deque>
#include <span>

#include "comm/group.h"

namespace heliu::train {

class GradientExchange {
 public:
  GradientExchange(comm::Group& group, float* gradients) : group_(group), gradients_(gradients) {}

  // Elements [first, first + count) are final on this rank: their sum begins.
  void ready(int64_t first, int64_t count);
  // Every sum that was begun is in place.
  void finish();

 private:
  void wait_for_oldest();

  comm::Group& group_;
  float* gradients_;
  std::deque<comm::Pending> pending_;
};

}  // namespace heliu::train
