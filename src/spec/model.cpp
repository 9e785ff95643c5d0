#include "spec/model.h"

namespace heliu {

int64_t feed_forward_of(const Model& model) {
  return model.feed_forward ? model.feed_forward : 4 * model.hidden;
}

int64_t parameter_count(const Model& model) {
  int64_t h = model.hidden, f = feed_forward_of(model);
  int64_t attention = h * 3 * h + 3 * h + h * h + h;
  int64_t feed_forward = h * f + f + f * h + h;
  int64_t norms = 4 * h;
  return (model.vocabulary + model.sequence) * h +
         model.layers * (attention + feed_forward + norms) + 2 * h;
}

double training_operations_per_token(const Model& model) {
  double h = double(model.hidden), f = double(feed_forward_of(model));
  double weights = double(model.layers) * (4 * h * h + 2 * h * f) + double(model.vocabulary) * h;
  double attention = 6 * double(model.layers) * h * double(model.sequence);
  return 6 * weights + attention;
}

}  // namespace heliu
