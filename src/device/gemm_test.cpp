#include <array>

#include "device/workbench.h"

namespace heliu::device {
namespace {

class GemmOf : public EveryBackend {};
class FastGemm : public EveryBackend {};
INSTANTIATE_TEST_SUITE_P(Device, GemmOf, testing::ValuesIn(subjects()), name_of);
INSTANTIATE_TEST_SUITE_P(Device, FastGemm, testing::ValuesIn(subjects_to_compare()), name_of);

// a = [1 2; 3 4; 5 6], b = [1 0 2; 0 1 1], ab = [1 2 4; 3 4 10; 5 6 16].
const Values product = {1, 2, 4, 3, 4, 10, 5, 6, 16};

TEST_P(GemmOf, MultipliesAnExampleDoneByHand) {
  for (Type type : {Type::f32, Type::bf16}) {
    Matrix a = bench_.holding(3, 2, {1, 2, 3, 4, 5, 6}, type);
    Matrix b = bench_.holding(2, 3, {1, 0, 2, 0, 1, 1}, type);
    Matrix c = bench_.filled(3, 3, 9, type);

    device_->gemm({.a = a, .b = b, .c = c});

    EXPECT_EQ(bench_.values(c), product);
  }
}

TEST_P(GemmOf, TransposesItsOperands) {
  for (Type type : {Type::f32, Type::bf16}) {
    Matrix a = bench_.holding(2, 3, {1, 3, 5, 2, 4, 6}, type);
    Matrix b = bench_.holding(3, 2, {1, 0, 0, 1, 2, 1}, type);
    Matrix c = bench_.filled(3, 3, 9, Type::f32);

    device_->gemm({.a = a, .b = b, .c = c, .transpose_a = true, .transpose_b = true});

    EXPECT_EQ(bench_.values(c), product);
  }
}

TEST_P(GemmOf, AddsBiasAndWhatWasThere) {
  Matrix a = bench_.holding(1, 1, {3}), b = bench_.holding(1, 2, {1, 2});
  Matrix c = bench_.holding(1, 2, {10, 20});
  Matrix bias = bench_.holding(1, 2, {100, 200});

  device_->gemm({.a = a, .b = b, .c = c, .accumulate = true, .bias = bias.as<float>()});

  EXPECT_EQ(bench_.values(c), (Values{113, 226}));
}

TEST_P(GemmOf, WorksOnColumnsOfAWiderMatrix) {
  Matrix wide = bench_.holding(2, 4, {0, 1, 2, 0, 0, 3, 4, 0});
  Matrix b = bench_.holding(2, 1, {1, 10});
  Matrix c = bench_.filled(2, 1, 0);

  device_->gemm({.a = columns(wide, 1, 2), .b = b, .c = c});

  EXPECT_EQ(bench_.values(c), (Values{21, 43}));
}

// Sizes around vector widths and blocks; the inner size bounds the rounding of the sums.
const std::vector<std::array<int64_t, 3>> sizes = {{1, 1, 1},   {1, 17, 5},   {7, 1, 33},
                                                   {16, 16, 1}, {33, 65, 31}, {130, 47, 96}};

TEST_P(FastGemm, AgreesForEverySizeTypeAndTranspose) {
  for (auto [m, n, k] : sizes) {
    for (Type type : {Type::f32, Type::bf16}) {
      for (int flags = 0; flags < 16; ++flags) {
        bool transpose_a = flags & 1, transpose_b = flags & 2, accumulate = flags & 4;
        Type type_c = flags & 8 ? Type::f32 : type;
        SCOPED_TRACE(testing::Message() << m << "x" << n << "x" << k << " flags " << flags);
        auto work = [&](Workbench& bench) {
          Matrix a = transpose_a ? bench.random(k, m, type) : bench.random(m, k, type);
          Matrix b = transpose_b ? bench.random(n, k, type) : bench.random(k, n, type);
          Matrix c = bench.random(m, n, type_c);
          const float* bias = bench.random_vector(n);
          bench.device().gemm({a, b, c, transpose_a, transpose_b, accumulate, bias});
          bench.device().gemm({a, b, c, transpose_a, transpose_b, accumulate});
          return std::vector<Values>{bench.values(c)};
        };
        expect_agreement(*device_, type_c == Type::f32 ? 2e-5 : 2e-2, work);
      }
    }
  }
}

TEST_P(FastGemm, BiasGradientAgrees) {
  for (Type type : {Type::f32, Type::bf16}) {
    for (auto [rows, count, unused] : sizes) {
      expect_agreement(*device_, 2e-5, [&](Workbench& bench) {
        Matrix y = bench.random(rows, count, type);
        float* gradient = bench.random_vector(count);
        bench.device().bias_gradient({y, gradient});
        return std::vector<Values>{bench.values(gradient, count)};
      });
    }
  }
}

TEST_P(GemmOf, BiasGradientAddsTheRows) {
  Matrix y = bench_.holding(3, 2, {1, 2, 3, 4, 5, 6}, Type::bf16);
  Matrix gradient = bench_.holding(1, 2, {100, 200});

  device_->bias_gradient({y, gradient.as<float>()});

  EXPECT_EQ(bench_.values(gradient), (Values{109, 212}));
}

}  // namespace
}  // namespace heliu::device
