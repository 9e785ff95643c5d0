#include "train/gradient_exchange.h"

namespace heliu::train {

void GradientExchange::ready(int64_t first, int64_t count) {
  if (group_.size() == 1) return;
  if (pending_.size() == comm::Group::max_pending) wait_for_oldest();
  pending_.push_back(group_.start_all_reduce({gradients_ + first, size_t(count)}));
}

void GradientExchange::finish() {
  while (!pending_.empty()) wait_for_oldest();
}

void GradientExchange::wait_for_oldest() {
  group_.wait(pending_.front());
  pending_.pop_front();
}

}  // namespace heliu::train
