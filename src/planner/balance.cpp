#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "planner/mixed.h"

namespace heliu::planner {

// By largest remainder, after one for each.
std::vector<int64_t> shares_by_speed(const std::vector<double>& speeds, int64_t total) {
  size_t count = speeds.size();
  if (total < int64_t(count) || count == 0) return {};
  double sum = std::accumulate(speeds.begin(), speeds.end(), 0.0);
  std::vector<int64_t> shares(count);
  std::vector<std::pair<double, size_t>> rest;
  for (size_t i = 0; i < count; ++i) {
    double exact = double(total) * speeds[i] / sum;
    shares[i] = std::max<int64_t>(1, int64_t(std::floor(exact)));
    rest.emplace_back(double(shares[i]) - exact, i);
  }
  std::stable_sort(rest.begin(), rest.end());
  int64_t left = total - std::accumulate(shares.begin(), shares.end(), int64_t(0));
  for (size_t i = 0; left > 0; i = (i + 1) % count, --left) ++shares[rest[i].second];
  // The least of one for each may have given too much away: the largest give it back.
  for (; left < 0; ++left) --*std::max_element(shares.begin(), shares.end());
  return shares;
}

// best[s][l]: the slowest of the first s stages with l layers on them, at best.
std::vector<int64_t> balance_layers(const std::vector<StageSpeed>& stages, int64_t layers) {
  constexpr double never = std::numeric_limits<double>::infinity();
  size_t width = size_t(layers) + 1;
  std::vector<std::vector<double>> best(stages.size() + 1, std::vector<double>(width, never));
  std::vector<std::vector<int64_t>> chosen(stages.size() + 1, std::vector<int64_t>(width, 0));
  best[0][0] = 0;
  for (size_t s = 1; s <= stages.size(); ++s)
    for (size_t l = 1; l < width; ++l)
      for (int64_t own = 1; own <= std::min(int64_t(l), stages[s - 1].most); ++own) {
        double time = std::max(best[s - 1][l - size_t(own)],
                               stages[s - 1].fixed + double(own) * stages[s - 1].layer);
        if (time >= best[s][l]) continue;
        best[s][l] = time;
        chosen[s][l] = own;
      }
  if (best[stages.size()][size_t(layers)] == never) return {};
  std::vector<int64_t> split(stages.size());
  for (size_t s = stages.size(), l = size_t(layers); s > 0; --s) {
    split[s - 1] = chosen[s][l];
    l -= size_t(chosen[s][l]);
  }
  return split;
}

}  // namespace heliu::planner
