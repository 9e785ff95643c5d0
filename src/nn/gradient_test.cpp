// The whole model's gradient against two independent judges: finite differences of its own loss,
// and the same model in PyTorch.
#include <gtest/gtest.h>

#include <map>

#include "nn/oracle/gpt_torch.h"
#include "nn/tiny_model.h"

namespace heliu::nn {
namespace {

using device::Type;

// Weights so large that every nonlinearity bends, gains and biases that are not one and zero.
std::vector<float> lively_values(const Gpt& model) {
  std::vector<float> values;
  for (const Parameter& parameter : model.parameters())
    for (int64_t i = 0; i < parameter.count; ++i) {
      double base = parameter.name.ends_with(".gain") ? 1 : 0;
      values.push_back(float(base + 0.3 * random_normal(5, uint64_t(parameter.offset + i))));
    }
  return values;
}

double loss_with(device::Device& device, Gpt& model, const Batch& batch, std::vector<float> values,
                 size_t element, double step) {
  values[element] = float(values[element] + step);
  to_device(device, model.values(), values);
  return model.evaluate(batch.ids.data(), batch.targets.data(), 2) * double(batch.ids.size());
}

// The derivative by four points, with an error of step^4 (Abramowitz and Stegun, 25.3.6).
double slope(device::Device& device, Gpt& model, const Batch& batch,
             const std::vector<float>& values, size_t element) {
  const double step = 0.015625;  // a power of two, so that values + step is exact enough
  auto loss = [&](double by) { return loss_with(device, model, batch, values, element, by); };
  return (8 * (loss(step) - loss(-step)) - (loss(2 * step) - loss(-2 * step))) / (12 * step);
}

TEST(Gradient, OfEveryTensorMatchesFiniteDifferencesOfTheLoss) {
  auto device = device::open("reference");
  Gpt model(*device, tiny, Type::f32, 2);
  Batch batch = random_batch(tiny, 2, 3);
  std::vector<float> values = lively_values(model);
  to_device(*device, model.values(), values);

  train(model, batch, 2);
  std::vector<float> gradient = gradients_of(*device, model);

  for (const Parameter& parameter : model.parameters())
    for (uint64_t draw = 0; draw < 10; ++draw) {
      int64_t within = int64_t(random_bits(9, draw) % uint64_t(parameter.count));
      size_t element = size_t(parameter.offset + within);
      double expected = slope(*device, model, batch, values, element);
      EXPECT_NEAR(gradient[element], expected, 1e-3 + 1e-3 * std::abs(expected))
          << parameter.name << " " << within;
    }
}

TEST(Gradient, AndLossAreThoseOfTheSameModelInPyTorch) {
  for (const std::string& backend : device::backends()) {
    auto device = device::open(backend);
    Gpt model(*device, tiny, Type::f32, 2);
    model.initialise(11);
    Batch batch = random_batch(tiny, 2, 3);

    double loss = train(model, batch, 2);
    std::vector<float> gradient = gradients_of(*device, model);

    EXPECT_NEAR(loss, oracle::loss_sum, 2e-5) << backend;
    size_t seen = 0;
    for (const Parameter& parameter : model.parameters()) {
      const oracle::Gradient& expected = oracle::gradients[seen++];
      ASSERT_EQ(parameter.name, expected.tensor);
      double norm = 0, weighted = 0;
      for (int64_t i = 0; i < parameter.count; ++i) {
        double g = gradient[size_t(parameter.offset + i)];
        norm += g * g;
        weighted += g * random_normal(13, uint64_t(i));
      }
      EXPECT_NEAR(std::sqrt(norm), expected.norm, 1e-5 + 1e-5 * expected.norm)
          << backend << " " << parameter.name;
      EXPECT_NEAR(weighted, expected.weighted_sum, 1e-5 + 2e-5 * expected.norm)
          << backend << " " << parameter.name;
    }
    EXPECT_EQ(seen, std::size(oracle::gradients));
  }
}

}  // namespace
}  // namespace heliu::nn
