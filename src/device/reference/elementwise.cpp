#include <cmath>
#include <numbers>

#include "device/reference/element.h"
#include "device/reference/reference.h"

namespace heliu::device::reference {
namespace {

// Distribution function and density of the standard normal.
double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }
double normal_density(double x) {
  return std::exp(-0.5 * x * x) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
}

}  // namespace

void convert(const Matrix& from, const Matrix& to) {
  for (int64_t r = 0; r < from.rows; ++r) {
    for (int64_t j = 0; j < from.columns; ++j) put(to, r, j, get(from, r, j));
  }
}

void add(const Matrix& to, const Matrix& from) {
  for (int64_t r = 0; r < to.rows; ++r) {
    for (int64_t j = 0; j < to.columns; ++j) put(to, r, j, get(to, r, j) + get(from, r, j));
  }
}

void gelu(const Gelu& op) {
  for (int64_t r = 0; r < op.x.rows; ++r) {
    for (int64_t j = 0; j < op.x.columns; ++j) {
      double x = get(op.x, r, j);
      put(op.y, r, j, x * normal_cdf(x));
    }
  }
}

void gelu_backward(const GeluBackward& op) {
  for (int64_t r = 0; r < op.x.rows; ++r) {
    for (int64_t j = 0; j < op.x.columns; ++j) {
      double x = get(op.x, r, j);
      double slope = normal_cdf(x) + x * normal_density(x);
      put(op.x_gradient, r, j, get(op.y_gradient, r, j) * slope);
    }
  }
}

}  // namespace heliu::device::reference
