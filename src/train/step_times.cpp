#include "train/step_times.h"

#include <algorithm>
#include <numeric>

namespace heliu::train {
namespace {

constexpr size_t warm_up_steps = 3;
constexpr double near = 1.5;  // steps beyond 1.5 medians were disturbed by others

}  // namespace

void StepTimes::add(double seconds, device::Meter parts) {
  parts[size_t(OperationClass::other)] = 0;
  double named = std::accumulate(parts.begin(), parts.end(), 0.0);
  parts[size_t(OperationClass::other)] = std::max(0.0, seconds - named);
  steps_.push_back({seconds, parts});
}

std::vector<StepTimes::Step> StepTimes::settled() const {
  size_t first = steps_.size() > 2 * warm_up_steps ? warm_up_steps : 0;
  return {steps_.begin() + std::ptrdiff_t(first), steps_.end()};
}

Seconds StepTimes::median() const {
  std::vector<Step> steps = settled();
  if (steps.empty()) return {};
  auto middle = steps.begin() + std::ptrdiff_t(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end(),
                   [](const Step& a, const Step& b) { return a.seconds < b.seconds; });
  return Seconds::of(middle->seconds);
}

std::vector<ClassTime> StepTimes::breakdown() const {
  double limit = near * median().base();
  device::Meter sums{};
  double all = 0;
  for (const Step& step : settled()) {
    if (step.seconds > limit) continue;
    for (size_t c = 0; c < sums.size(); ++c) sums[c] += step.parts[c];
    all += step.seconds;
  }
  std::vector<ClassTime> parts;
  for (size_t c = 0; c < sums.size() && all > 0; ++c)
    parts.push_back({OperationClass(int(c)), sums[c] / all * median()});
  return parts;
}

}  // namespace heliu::train
