#include <cmath>

#include "device/bf16.h"
#include "device/reference/reference.h"

namespace heliu::device::reference {

double sum_of_squares(const float* x, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += double(x[i]) * x[i];
  return sum;
}

void adamw(const AdamW& op) {
  double correction1 = 1 - std::pow(double(op.beta1), double(op.step));
  double correction2 = 1 - std::pow(double(op.beta2), double(op.step));
  for (int64_t i = 0; i < op.count; ++i) {
    double g = double(op.gradient[i]) * op.gradient_scale;
    double m = op.beta1 * op.first_moment[i] + (1 - double(op.beta1)) * g;
    double v = op.beta2 * op.second_moment[i] + (1 - double(op.beta2)) * g * g;
    double step = m / correction1 / (std::sqrt(v / correction2) + op.epsilon);
    double p = op.parameter[i];
    p -= op.learning_rate * (step + op.weight_decay * p);
    op.first_moment[i] = float(m);
    op.second_moment[i] = float(v);
    op.parameter[i] = float(p);
    op.gradient[i] = 0;
    if (op.copy) static_cast<uint16_t*>(op.copy)[i] = to_bf16(float(p));
  }
}

}  // namespace heliu::device::reference
