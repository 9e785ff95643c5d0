#include <cmath>

#include "device/reference/element.h"
#include "device/reference/reference.h"

namespace heliu::device::reference {
namespace {

// What is normalised: x, or the sum with what is added to it.
Matrix stream(const LayerNorm& op) { return op.add.data && op.sum.data ? op.sum : op.x; }

void add_residual(const LayerNorm& op, int64_t r) {
  Matrix sum = stream(op);
  for (int64_t j = 0; j < sum.columns; ++j) put(sum, r, j, get(op.x, r, j) + get(op.add, r, j));
}

double mean_of_row(const Matrix& x, int64_t r) {
  double sum = 0;
  for (int64_t j = 0; j < x.columns; ++j) sum += get(x, r, j);
  return sum / double(x.columns);
}

double variance_of_row(const Matrix& x, int64_t r, double mean) {
  double sum = 0;
  for (int64_t j = 0; j < x.columns; ++j) sum += std::pow(get(x, r, j) - mean, 2);
  return sum / double(x.columns);
}

}  // namespace

void layer_norm(const LayerNorm& op) {
  Matrix x = stream(op);
  for (int64_t r = 0; r < x.rows; ++r) {
    if (op.add.data) add_residual(op, r);
    double mean = mean_of_row(x, r);
    double rstd = 1 / std::sqrt(variance_of_row(x, r, mean) + 1e-5);
    for (int64_t j = 0; j < x.columns; ++j) {
      put(op.y, r, j, (get(x, r, j) - mean) * rstd * op.gain[j] + op.bias[j]);
    }
    op.mean[r] = float(mean);
    op.rstd[r] = float(rstd);
  }
}

// With n = (x - mean) rstd and g = gain * y_gradient, both along a row,
// dx = rstd (g - mean(g) - n mean(g n)): mean and variance each take their part of g away.
void layer_norm_backward(const LayerNormBackward& op) {
  int64_t hidden = op.x.columns;
  auto normal = [&](int64_t r, int64_t j) {
    return (double(get(op.x, r, j)) - op.mean[r]) * op.rstd[r];
  };
  for (int64_t r = 0; r < op.x.rows; ++r) {
    double sum_g = 0, sum_gn = 0;
    for (int64_t j = 0; j < hidden; ++j) {
      double g = double(op.gain[j]) * get(op.y_gradient, r, j);
      sum_g += g;
      sum_gn += g * normal(r, j);
    }
    for (int64_t j = 0; j < hidden; ++j) {
      double g = double(op.gain[j]) * get(op.y_gradient, r, j);
      double dx = op.rstd[r] * (g - (sum_g + normal(r, j) * sum_gn) / double(hidden));
      put(op.x_gradient, r, j, get(op.x_gradient, r, j) + dx);
    }
  }
  for (int64_t j = 0; j < hidden; ++j) {
    double gain = op.gain_gradient[j], bias = op.bias_gradient[j];
    for (int64_t r = 0; r < op.x.rows; ++r) {
      gain += get(op.y_gradient, r, j) * normal(r, j);
      bias += get(op.y_gradient, r, j);
    }
    op.gain_gradient[j] = float(gain);
    op.bias_gradient[j] = float(bias);
  }
}

}  // namespace heliu::device::reference
