#include "train/optimizer.h"

#include <cmath>

namespace heliu::train {

Optimizer::Optimizer(device::Device& device, const nn::Gpt& model, const Train& settings,
                     comm::Group& tensor_group)
    : device_(device),
      model_(model),
      settings_(settings),
      tensor_group_(tensor_group),
      first_(device, size_t(model.parameter_count()) * sizeof(float)),
      second_(device, size_t(model.parameter_count()) * sizeof(float)),
      sum_(device, 2 * sizeof(double)) {}

// Tensors that are cut have their squares summed over the tensor-parallel ranks; those that every
// rank holds whole are counted once.
double Optimizer::gradient_norm() {
  double* sums = sum_.as<double>();
  device_.zero(sums, 2 * sizeof(double));
  for (const nn::Parameter& parameter : model_.parameters()) {
    bool cut = parameter.split != nn::Parameter::Split::none;
    device_.sum_of_squares(model_.gradients() + parameter.offset, parameter.count,
                           sums + (cut ? 1 : 0));
  }
  double squares[2];
  device_.download(squares, sums, sizeof squares);
  device_.wait();
  tensor_group_.all_reduce(std::span<double>(squares + 1, 1));
  return std::sqrt(squares[0] + squares[1]);
}

double Optimizer::step(int64_t step, double learning_rate) {
  double norm = gradient_norm();
  double scale =
      settings_.clip_norm > 0 && norm > settings_.clip_norm ? settings_.clip_norm / norm : 1;
  for (const nn::Parameter& parameter : model_.parameters()) {
    char* copy = static_cast<char*>(model_.copies());
    device_.adamw(
        {.count = parameter.count,
         .parameter = model_.values() + parameter.offset,
         .gradient = model_.gradients() + parameter.offset,
         .first_moment = first_moments() + parameter.offset,
         .second_moment = second_moments() + parameter.offset,
         .copy = copy ? copy + parameter.offset * device::size_of(device::Type::bf16) : nullptr,
         .gradient_scale = float(scale),
         .learning_rate = float(learning_rate),
         .beta1 = float(settings_.beta1),
         .beta2 = float(settings_.beta2),
         .epsilon = 1e-8f,
         .weight_decay = parameter.decays ? float(settings_.weight_decay) : 0.0f,
         .step = step});
  }
  return norm;
}

}  // namespace heliu::train
