#include <cmath>

#include "device/workbench.h"

namespace heliu::device {
namespace {

class LayerNormOf : public EveryBackend {};
class FastLayerNorm : public EveryBackend {};
INSTANTIATE_TEST_SUITE_P(Device, LayerNormOf, testing::ValuesIn(subjects()), name_of);
INSTANTIATE_TEST_SUITE_P(Device, FastLayerNorm, testing::ValuesIn(subjects_to_compare()), name_of);

// A layer norm with random gain and bias, and places for its statistics.
LayerNorm with_parameters(Workbench& bench, Matrix x, Matrix add, Matrix y) {
  return {x,
          add,
          y,
          bench.random_vector(x.columns),
          bench.random_vector(x.columns),
          bench.zero_vector(x.rows),
          bench.zero_vector(x.rows)};
}

LayerNormBackward backward_of(Workbench& bench, const LayerNorm& op, Matrix y_gradient) {
  return {y_gradient,
          op.x,
          op.gain,
          op.mean,
          op.rstd,
          bench.filled(op.x.rows, op.x.columns, 0),
          bench.zero_vector(op.x.columns),
          bench.zero_vector(op.x.columns)};
}

TEST_P(LayerNormOf, NormalisesAnExampleDoneByHand) {
  // Mean 2, variance 1: the row becomes -1, 1, here with gain 3 and bias 10.
  Matrix x = bench_.holding(1, 2, {1, 3}), y = bench_.filled(1, 2, 0);
  float* gain = bench_.filled(1, 2, 3).as<float>();
  float* bias = bench_.filled(1, 2, 10).as<float>();
  float* mean = bench_.zero_vector(1);
  float* rstd = bench_.zero_vector(1);

  device_->layer_norm({x, {}, y, gain, bias, mean, rstd});

  expect_near(bench_.values(y), {7, 13}, 1e-5);
  expect_near(bench_.values(mean, 1), {2}, 1e-7);
  expect_near(bench_.values(rstd, 1), {float(1 / std::sqrt(1 + 1e-5))}, 1e-7);
}

TEST_P(LayerNormOf, AddsTheResidualFirstAndKeepsTheSum) {
  Matrix x = bench_.holding(1, 2, {0.5f, 1}), y = bench_.filled(1, 2, 0, Type::bf16);
  Matrix add = bench_.holding(1, 2, {0.5f, 2}, Type::bf16);
  LayerNorm op = with_parameters(bench_, x, add, y);

  device_->layer_norm(op);

  EXPECT_EQ(bench_.values(x), (Values{1, 3}));
  expect_near(bench_.values(op.mean, 1), {2}, 1e-7);
}

TEST_P(LayerNormOf, LeavesTheInputAloneWhenTheSumHasItsOwnPlace) {
  Matrix x = bench_.holding(1, 2, {0.5f, 1}), y = bench_.filled(1, 2, 0), sum = bench_.random(1, 2);
  Matrix add = bench_.holding(1, 2, {0.5f, 2});
  LayerNorm op = with_parameters(bench_, x, add, y);
  op.sum = sum;

  device_->layer_norm(op);

  EXPECT_EQ(bench_.values(x), (Values{0.5f, 1}));
  EXPECT_EQ(bench_.values(sum), (Values{1, 3}));
  expect_near(bench_.values(op.mean, 1), {2}, 1e-7);
}

TEST_P(LayerNormOf, SurvivesALargeMean) {
  // Deviation 1 about a mean of 4096: mean square minus squared mean would have no digits left.
  Matrix x = bench_.holding(1, 4, {4095, 4097, 4095, 4097}), y = bench_.filled(1, 4, 0);
  LayerNorm op = with_parameters(bench_, x, {}, y);

  device_->layer_norm(op);

  expect_near(bench_.values(op.rstd, 1), {float(1 / std::sqrt(1 + 1e-5))}, 1e-6);
}

TEST_P(LayerNormOf, BackwardIsTheSlopeByInputGainAndBias) {
  Matrix x = bench_.random(5, 23), y = bench_.filled(5, 23, 0), weight = bench_.random(5, 23);
  LayerNorm op = with_parameters(bench_, x, {}, y);
  device_->layer_norm(op);
  LayerNormBackward backward = backward_of(bench_, op, weight);

  device_->layer_norm_backward(backward);

  auto loss = [&, w = bench_.values(weight)] {
    device_->layer_norm(op);
    return inner_product(w, bench_.values(y));
  };
  Matrix gain = matrix(const_cast<float*>(op.gain), Type::f32, 1, 23);
  Matrix bias = matrix(const_cast<float*>(op.bias), Type::f32, 1, 23);
  expect_slope(bench_, x, bench_.values(backward.x_gradient), loss);
  expect_slope(bench_, gain, bench_.values(backward.gain_gradient, 23), loss);
  expect_slope(bench_, bias, bench_.values(backward.bias_gradient, 23), loss);
}

TEST_P(LayerNormOf, BackwardAddsToTheGradientsThatWereThere) {
  Matrix x = bench_.random(70, 9), y = bench_.filled(70, 9, 0), weight = bench_.random(70, 9);
  LayerNorm op = with_parameters(bench_, x, {}, y);
  device_->layer_norm(op);
  LayerNormBackward backward = backward_of(bench_, op, weight);

  device_->layer_norm_backward(backward);
  Values once = bench_.values(backward.gain_gradient, 9), dx = bench_.values(backward.x_gradient);
  device_->layer_norm_backward(backward);

  for (float& value : once) value *= 2;
  for (float& value : dx) value *= 2;
  expect_near(bench_.values(backward.gain_gradient, 9), once, 2e-6);
  expect_near(bench_.values(backward.x_gradient), dx, 2e-6);
}

TEST_P(FastLayerNorm, AgreesForwardAndBackward) {
  for (Type type : {Type::f32, Type::bf16}) {
    for (auto [rows, hidden] : {std::pair{1, 1}, {3, 16}, {70, 33}, {300, 100}}) {
      SCOPED_TRACE(testing::Message() << rows << "x" << hidden);
      auto work = [&](Workbench& bench) {
        Matrix x = bench.random(rows, hidden), add = bench.random(rows, hidden, type);
        Matrix y = bench.random(rows, hidden, type), dy = bench.random(rows, hidden, type);
        LayerNorm op = with_parameters(bench, x, add, y);
        LayerNormBackward backward = backward_of(bench, op, dy);
        bench.device().layer_norm(op);
        bench.device().layer_norm_backward(backward);
        return std::vector<Values>{bench.values(x),
                                   bench.values(y),
                                   bench.values(op.mean, rows),
                                   bench.values(backward.x_gradient),
                                   bench.values(backward.gain_gradient, hidden),
                                   bench.values(backward.bias_gradient, hidden)};
      };
      expect_agreement(*device_, type == Type::f32 ? 1e-5 : tolerance_of(type), work);
    }
  }
}

}  // namespace
}  // namespace heliu::device
