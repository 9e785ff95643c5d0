#include <cmath>

#include "base/check.h"
#include "device/workbench.h"

namespace heliu::device {
namespace {

class CrossEntropyOf : public EveryBackend {};
class FastCrossEntropy : public EveryBackend {};
INSTANTIATE_TEST_SUITE_P(Device, CrossEntropyOf, testing::ValuesIn(subjects()), name_of);
INSTANTIATE_TEST_SUITE_P(Device, FastCrossEntropy, testing::ValuesIn(subjects_to_compare()),
                         name_of);

TEST_P(CrossEntropyOf, LossOfEqualLogitsIsTheLogOfTheirNumber) {
  Matrix logits = bench_.filled(2, 4800, 3);
  float* loss = bench_.zero_vector(2);

  device_->cross_entropy({logits, bench_.ids({0, 4799}), loss, false});

  expect_near(bench_.values(loss, 2), {std::log(4800.0f), std::log(4800.0f)}, 2e-7);
  EXPECT_EQ(bench_.values(logits), Values(2 * 4800, 3.0f));
}

TEST_P(CrossEntropyOf, GradientOfTwoEqualLogitsIsHalfTheScale) {
  Matrix logits = bench_.holding(1, 2, {7, 7}, Type::bf16);

  device_->cross_entropy({logits, bench_.ids({1}), bench_.zero_vector(1), true, 4});

  EXPECT_EQ(bench_.values(logits), (Values{2, -2}));
}

TEST_P(CrossEntropyOf, SurvivesLogitsFarApart) {
  Matrix logits = bench_.holding(2, 3, {1000, 0, -1000, 1000, 0, -1000});
  float* loss = bench_.zero_vector(2);

  device_->cross_entropy({logits, bench_.ids({0, 1}), loss});

  expect_near(bench_.values(loss, 2), {0, 1000}, 1e-6);
  expect_near(bench_.values(logits), {0, 0, 0, 1, -1, 0}, 1e-6);
}

TEST_P(CrossEntropyOf, NanInALogitIsNotSwallowed) {
  Matrix logits = bench_.holding(1, 3, {1, NAN, 2});
  float* loss = bench_.zero_vector(1);

  device_->cross_entropy({logits, bench_.ids({0}), loss});

  EXPECT_TRUE(std::isnan(bench_.values(loss, 1)[0]));
}

TEST_P(CrossEntropyOf, GradientIsItsSlope) {
  Matrix logits = bench_.random(3, 29), gradient = bench_.filled(3, 29, 0);
  const int32_t* targets = bench_.ids({4, 0, 28});
  float* loss = bench_.zero_vector(3);
  device_->convert(logits, gradient);

  device_->cross_entropy({gradient, targets, loss, true, 2});

  expect_slope(bench_, logits, bench_.values(gradient), [&] {
    device_->cross_entropy({logits, targets, loss, false});
    return 2 * inner_product(bench_.values(loss, 3), {1, 1, 1});
  });
}

TEST_P(CrossEntropyOf, RefusesATargetOutsideTheVocabulary) {
  Matrix logits = bench_.filled(1, 3, 0);

  EXPECT_THROW(device_->cross_entropy({logits, bench_.ids({3}), bench_.zero_vector(1)}), Bug);
}

TEST_P(FastCrossEntropy, Agrees) {
  for (Type type : {Type::f32, Type::bf16}) {
    for (int64_t vocabulary : {1, 2, 31, 500, 5000}) {
      expect_agreement(*device_, type == Type::f32 ? 2e-6 : tolerance_of(type),
                       [&](Workbench& bench) {
                         Matrix logits = bench.random(9, vocabulary, type);
                         const int32_t* targets = bench.random_ids(9, vocabulary);
                         float* loss = bench.zero_vector(9);
                         bench.device().cross_entropy({logits, targets, loss, true, 3});
                         return std::vector<Values>{bench.values(logits), bench.values(loss, 9)};
                       });
    }
  }
}

}  // namespace
}  // namespace heliu::device
