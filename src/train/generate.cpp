#include "train/generate.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.h"

namespace heliu::train {

int32_t draw(const std::vector<float>& logits, const Sampling& sampling, double uniform) {
  std::vector<int32_t> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  size_t best = std::min(order.size(), size_t(sampling.best));
  std::partial_sort(
      order.begin(), order.begin() + std::ptrdiff_t(best), order.end(), [&](int32_t a, int32_t b) {
        return logits[size_t(a)] != logits[size_t(b)] ? logits[size_t(a)] > logits[size_t(b)]
                                                      : a < b;
      });
  std::vector<double> weights(best);
  for (size_t i = 0; i < best; ++i)
    weights[i] = std::exp((double(logits[size_t(order[i])]) - double(logits[size_t(order[0])])) /
                          sampling.temperature);
  double left = uniform * std::accumulate(weights.begin(), weights.end(), 0.0);
  for (size_t i = 0; i < best; ++i)
    if ((left -= weights[i]) < 0) return order[i];
  return order[0];
}

std::string generate(nn::Gpt& model, const Vocabulary& vocabulary, int64_t sequence,
                     int64_t characters, const Sampling& sampling) {
  std::vector<int32_t> ids{vocabulary.id(U'\n').value_or(0)};
  for (int64_t i = 0; i < characters; ++i) {
    int64_t seen = std::min(sequence, int64_t(ids.size()));
    std::vector<float> logits = model.next_logits(ids.data() + int64_t(ids.size()) - seen, seen);
    ids.push_back(draw(logits, sampling, random_uniform(sampling.seed, uint64_t(i))));
  }
  return decode(vocabulary, std::span(ids).subspan(1));
}

}  // namespace heliu::train
