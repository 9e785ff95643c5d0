#include "train/gradient_exchange.h"

#include <utility>

#include "train/stopwatch.h"

namespace heliu::train {

void GradientExchange::ready(int64_t first, int64_t count) {
  if (group_.size() == 1) return;
  Stopwatch watch;
  if (pending_.size() == comm::Group::max_pending) wait_for_oldest();
  pending_.push_back(group_.start_all_reduce({gradients_ + first, size_t(count)}));
  seconds_ += watch.seconds();
}

void GradientExchange::finish() {
  Stopwatch watch;
  while (!pending_.empty()) wait_for_oldest();
  seconds_ += watch.seconds();
}

void GradientExchange::wait_for_oldest() {
  group_.wait(pending_.front());
  pending_.pop_front();
}

double GradientExchange::take_seconds() { return std::exchange(seconds_, 0); }

}  // namespace heliu::train
