#include "cost/share.h"

#include <algorithm>

#include "base/check.h"

namespace heliu::cost {
namespace {

int64_t block_weights(const Model& model) {
  return 4 * model.hidden * model.hidden + 2 * model.hidden * feed_forward_of(model);
}

// Multiply-adds of a token in the forward; attention sees half of the sequence.
int64_t work_per_token(const Model& model, const Stage& stage) {
  int64_t block = block_weights(model) + model.hidden * model.sequence;
  return stage.layers * block + (stage.last ? model.hidden * model.vocabulary : 0);
}

}  // namespace

std::vector<Stage> stages(const Model& model, int pp) {
  HELIU_CHECK(pp >= 1 && pp <= model.layers);
  std::vector<Stage> all;
  for (int i = 0; i < pp; ++i) {
    int64_t first = model.layers * i / pp, end = model.layers * (i + 1) / pp;
    all.push_back({end - first, i == 0, i == pp - 1});
  }
  return all;
}

Stage slowest_stage(const Model& model, int pp) {
  auto all = stages(model, pp);
  return *std::max_element(all.begin(), all.end(), [&](const Stage& a, const Stage& b) {
    return work_per_token(model, a) < work_per_token(model, b);
  });
}

int64_t parameters(const Model& model, const Stage& stage, int tp) {
  int64_t h = model.hidden, f = feed_forward_of(model);
  int64_t cut = (block_weights(model) + 3 * h + f) / tp;  // matrices, biases of qkv and of fc1
  int64_t whole = 2 * h + 4 * h;                          // biases of the projections, two norms
  int64_t count = stage.layers * (cut + whole);
  if (stage.first) count += (model.vocabulary + model.sequence) * h;
  if (stage.last) count += 2 * h + (stage.first ? 0 : model.vocabulary * h);
  return count;
}

}  // namespace heliu::cost
