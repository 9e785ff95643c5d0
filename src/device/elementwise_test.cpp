#include <cmath>

#include "device/workbench.h"

namespace heliu::device {
namespace {

class Elementwise : public EveryBackend {};
class FastElementwise : public EveryBackend {};
INSTANTIATE_TEST_SUITE_P(Device, Elementwise, testing::ValuesIn(subjects()), name_of);
INSTANTIATE_TEST_SUITE_P(Device, FastElementwise, testing::ValuesIn(subjects_to_compare()),
                         name_of);

TEST_P(Elementwise, AddAddsEitherTypeToF32) {
  Matrix to = bench_.holding(2, 2, {1, 2, 3, 4});

  device_->add(to, bench_.filled(2, 2, 0.5f, Type::bf16));
  device_->add(to, bench_.filled(2, 2, 0.25f, Type::f32));

  EXPECT_EQ(bench_.values(to), (Values{1.75f, 2.75f, 3.75f, 4.75f}));
}

TEST_P(Elementwise, SumOfSquaresAddsToWhatWasThere) {
  float* x = bench_.holding(1, 3, {1, 2, 3}).as<float>();

  double sum = 100;
  device_->sum_of_squares(x, 3, &sum);

  EXPECT_EQ(sum, 114);
}

TEST_P(Elementwise, SumOfSquaresOfManyElementsKeepsItsDigits) {
  // 200000 times (1/8)^2 is exact in binary.
  float* x = bench_.filled(1, 200000, 0.125f).as<float>();

  double sum = 0;
  device_->sum_of_squares(x, 200000, &sum);

  EXPECT_EQ(sum, 3125);
}

TEST_P(Elementwise, GeluHasTheValuesOfTheNormalDistribution) {
  // x Phi(x) with Phi(1) = 0.8413447, Phi(2) = 0.9772499 from the tables.
  Matrix x = bench_.holding(1, 6, {0, 1, -1, 2, -20, 20}), y = bench_.filled(1, 6, 9);

  device_->gelu({x, y});

  expect_near(bench_.values(y), {0, 0.8413447f, -0.1586553f, 1.9544997f, 0, 20}, 3e-7);
}

TEST_P(Elementwise, GeluKeepsNan) {
  Matrix x = bench_.filled(1, 3, NAN), y = bench_.filled(1, 3, 0);

  device_->gelu({x, y});

  for (float value : bench_.values(y)) EXPECT_TRUE(std::isnan(value));
}

TEST_P(Elementwise, GeluBackwardIsItsSlope) {
  Matrix x = bench_.random(3, 19), y = bench_.filled(3, 19, 0);
  Matrix weight = bench_.random(3, 19), gradient = bench_.filled(3, 19, 0);

  device_->gelu_backward({x, weight, gradient});

  Values w = bench_.values(weight);
  expect_slope(bench_, x, bench_.values(gradient), [&] {
    device_->gelu({x, y});
    return inner_product(w, bench_.values(y));
  });
}

TEST_P(Elementwise, GeluBackwardMayWriteOverItsInput) {
  Matrix x = bench_.random(2, 40, Type::bf16), gradient = bench_.random(2, 40, Type::bf16);
  Matrix apart = bench_.filled(2, 40, 0, Type::bf16);

  device_->gelu_backward({x, gradient, apart});
  device_->gelu_backward({x, gradient, gradient});

  EXPECT_EQ(bench_.values(gradient), bench_.values(apart));
}

TEST_P(FastElementwise, GeluAgreesForwardAndBackward) {
  for (Type type : {Type::f32, Type::bf16}) {
    for (int64_t columns : {1, 15, 16, 33, 200}) {
      expect_agreement(
          *device_, type == Type::f32 ? 1e-6 : tolerance_of(type), [&](Workbench& bench) {
            Matrix x = bench.random(7, columns, type), y = bench.random(7, columns, type);
            Matrix dy = bench.random(7, columns, type), dx = bench.random(7, columns, type);
            bench.device().gelu({x, y});
            bench.device().gelu_backward({x, dy, dx});
            return std::vector<Values>{bench.values(y), bench.values(dx)};
          });
    }
  }
}

}  // namespace
}  // namespace heliu::device
