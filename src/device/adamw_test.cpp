#include "device/bf16.h"
#include "device/workbench.h"

namespace heliu::device {
namespace {

class AdamWOf : public EveryBackend {
 protected:
  static constexpr int64_t count_ = 4;
  float* parameter_ = bench_.holding(1, count_, {1, 1, 1, 1}).as<float>();
  float* gradient_ = bench_.holding(1, count_, {2, -0.5f, 4, -100}).as<float>();
  Memory copy_{*device_, count_ * sizeof(uint16_t)};
  AdamW op_{count_,
            parameter_,
            gradient_,
            bench_.zero_vector(count_),
            bench_.zero_vector(count_),
            copy_.data(),
            1,
            0.125f,
            0.9f,
            0.99f,
            0,
            0,
            1};
};
class FastAdamW : public EveryBackend {};
INSTANTIATE_TEST_SUITE_P(Device, AdamWOf, testing::ValuesIn(subjects()), name_of);
INSTANTIATE_TEST_SUITE_P(Device, FastAdamW, testing::ValuesIn(subjects_to_compare()), name_of);

TEST_P(AdamWOf, FirstStepGoesByTheLearningRateAgainstTheSign) {
  device_->adamw(op_);

  expect_near(bench_.values(parameter_, count_), {0.875f, 1.125f, 0.875f, 1.125f}, 1e-6);
}

TEST_P(AdamWOf, WeightDecayShrinksTheParameterNotTheGradient) {
  op_.weight_decay = 0.5f;

  device_->adamw(op_);

  // 1 - 0.125 * (sign + 0.5 * 1).
  expect_near(bench_.values(parameter_, count_), {0.8125f, 1.0625f, 0.8125f, 1.0625f}, 1e-6);
  expect_near(bench_.values(op_.first_moment, count_), {0.2f, -0.05f, 0.4f, -10}, 1e-6);
}

TEST_P(AdamWOf, ScalesTheGradientFirstAndZeroesItAfter) {
  op_.gradient_scale = 0.5f;

  device_->adamw(op_);

  // Moments of g / 2: 0.1 g / 2 and 0.01 (g / 2)^2.
  expect_near(bench_.values(op_.first_moment, count_), {0.1f, -0.025f, 0.2f, -5}, 1e-6);
  expect_near(bench_.values(op_.second_moment, count_), {0.01f, 0.000625f, 0.04f, 25}, 1e-5);
  EXPECT_EQ(bench_.values(gradient_, count_), (Values{0, 0, 0, 0}));
}

TEST_P(AdamWOf, CopyIsTheNewParameterInBf16) {
  device_->adamw(op_);

  uint16_t copy[count_];
  device_->download(copy, copy_.data(), sizeof copy);
  Values parameter = bench_.values(parameter_, count_);
  for (size_t i = 0; i < count_; ++i) EXPECT_EQ(copy[i], to_bf16(parameter[i]));
}

TEST_P(FastAdamW, AgreesOverSeveralSteps) {
  for (int64_t count : {1, 17, 5000}) {
    expect_agreement(*device_, 2e-6, [&](Workbench& bench) {
      float* parameter = bench.random_vector(count);
      float* first = bench.zero_vector(count);
      float* second = bench.zero_vector(count);
      for (int64_t step = 1; step <= 3; ++step) {
        float* gradient = bench.random_vector(count);
        bench.device().adamw({count, parameter, gradient, first, second, nullptr, 0.7f, 1e-2f, 0.9f,
                              0.95f, 1e-8f, 0.1f, step});
      }
      return std::vector<Values>{bench.values(parameter, count), bench.values(first, count),
                                 bench.values(second, count)};
    });
  }
}

}  // namespace
}  // namespace heliu::device
