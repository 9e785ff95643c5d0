// AdamW over one rank's arena of parameters, with the global gradient norm clipped.
#pragma once

#include "comm/group.h"
#include "device/device.h"
#include "nn/gpt.h"
#include "spec/workload.h"

namespace heliu::train {

class Optimizer {
 public:
  Optimizer(device::Device& device, const nn::Gpt& model, const Train& settings,
            comm::Group& tensor_group);

  // One step from the summed gradients, which are zero afterwards; returns their norm before
  // clipping. `step` counts from 1.
  double step(int64_t step, double learning_rate);

  float* first_moments() const { return first_.as<float>(); }
  float* second_moments() const { return second_.as<float>(); }
  size_t device_bytes() const { return first_.bytes() + second_.bytes() + sum_.bytes(); }

 private:
  double gradient_norm();

  device::Device& device_;
  const nn::Gpt& model_;
  const Train& settings_;
  comm::Group& tensor_group_;
  device::Memory first_, second_, sum_;
};

}  // namespace heliu::train
