#include <cmath>

#include "device/workbench.h"

namespace heliu::device {
namespace {

class AttentionOf : public EveryBackend {};
class FastAttention : public EveryBackend {};
INSTANTIATE_TEST_SUITE_P(Device, AttentionOf, testing::ValuesIn(subjects()), name_of);
INSTANTIATE_TEST_SUITE_P(Device, FastAttention, testing::ValuesIn(subjects_to_compare()), name_of);

TEST_P(AttentionOf, AveragesTheValuesOfEqualKeys) {
  // One head of size 1, keys all 0: a query sees its past with equal weights.
  Matrix qkv = bench_.holding(3, 3, {5, 0, 3, 5, 0, 6, 5, 0, 12});
  Matrix y = bench_.filled(3, 1, 0);
  float* log_sum_exp = bench_.zero_vector(3);

  device_->attention({qkv, y, log_sum_exp, 1, 3});

  expect_near(bench_.values(y), {3, 4.5f, 7}, 1e-6);
  expect_near(bench_.values(log_sum_exp, 3), {0, std::log(2.0f), std::log(3.0f)}, 1e-6);
}

TEST_P(AttentionOf, ScalesTheScoresByTheRootOfTheHeadSize) {
  // q.k = 4 ln 3 and 0, over sqrt(4): weights 9/10 and 1/10.
  float a = std::log(3.0f);
  Matrix qkv = bench_.holding(2, 12, {0, 0, 0, 0, a, a, a, a, 10, 20, 30, 40,  //
                                      1, 1, 1, 1, 0, 0, 0, 0, 0,  0,  0,  0});
  Matrix y = bench_.filled(2, 4, 0);

  device_->attention({qkv, y, bench_.zero_vector(2), 1, 2});

  expect_near(bench_.values(y), {10, 20, 30, 40, 9, 18, 27, 36}, 1e-6);
}

TEST_P(AttentionOf, NeverLooksIntoTheFutureNorIntoAnotherSequence) {
  Matrix qkv = bench_.random(2 * 37, 3 * 10), y = bench_.filled(2 * 37, 10, 0);
  float* log_sum_exp = bench_.zero_vector(2 * 2 * 37);
  device_->attention({qkv, y, log_sum_exp, 2, 37});
  Values before = bench_.values(y);

  for (int64_t column = 0; column < 30; ++column) bench_.set(qkv, 20, column, 1e4f);
  device_->attention({qkv, y, log_sum_exp, 2, 37});

  Values after = bench_.values(y);
  for (size_t i = 0; i < before.size(); ++i) {
    bool must_not_see_it = i < 20 * 10 || i >= 37 * 10;
    if (!must_not_see_it) continue;
    ASSERT_EQ(after[i], before[i]) << "row " << i / 10;
  }
  EXPECT_NE(after[20 * 10], before[20 * 10]);
}

TEST_P(AttentionOf, BackwardIsItsSlope) {
  const int64_t heads = 2, sequence = 35, rows = 2 * sequence, hidden = 6;
  Matrix qkv = bench_.random(rows, 3 * hidden), y = bench_.filled(rows, hidden, 0);
  Matrix weight = bench_.random(rows, hidden), gradient = bench_.filled(rows, 3 * hidden, 0);
  float* log_sum_exp = bench_.zero_vector(heads * rows);
  device_->attention({qkv, y, log_sum_exp, heads, sequence});

  device_->attention_backward({qkv, y, weight, log_sum_exp, gradient, heads, sequence});

  Values w = bench_.values(weight);
  expect_slope(bench_, qkv, bench_.values(gradient), [&] {
    device_->attention({qkv, y, log_sum_exp, heads, sequence});
    return inner_product(w, bench_.values(y));
  });
}

struct Case {
  int64_t heads, sequence, sequences, head_size;
};

TEST_P(FastAttention, AgreesForwardAndBackward) {
  for (auto [heads, sequence, sequences, head_size] :
       {Case{1, 1, 1, 1}, {2, 16, 3, 16}, {3, 33, 2, 20}, {1, 130, 1, 64}, {2, 65, 1, 128}}) {
    for (Type type : {Type::f32, Type::bf16}) {
      SCOPED_TRACE(testing::Message() << "sequence " << sequence << " size " << head_size);
      int64_t rows = sequence * sequences, hidden = heads * head_size;
      auto work = [&](Workbench& bench) {
        Matrix qkv = bench.random(rows, 3 * hidden, type), y = bench.random(rows, hidden, type);
        Matrix dy = bench.random(rows, hidden, type), dqkv = bench.random(rows, 3 * hidden, type);
        float* log_sum_exp = bench.zero_vector(heads * rows);
        bench.device().attention({qkv, y, log_sum_exp, heads, sequence});
        bench.device().attention_backward({qkv, y, dy, log_sum_exp, dqkv, heads, sequence});
        return std::vector<Values>{bench.values(y), bench.values(log_sum_exp, heads * rows),
                                   bench.values(dqkv)};
      };
      expect_agreement(*device_, type == Type::f32 ? 1e-5 : 2 * tolerance_of(type), work);
    }
  }
}

TEST_P(FastAttention, AgreesWhereScoresAreFarApart) {
  expect_agreement(*device_, 2e-5, [](Workbench& bench) {
    Matrix qkv = bench.random(40, 3 * 16), y = bench.random(40, 16);
    for (int64_t row = 0; row < 40; row += 3) bench.set(qkv, row, 0, 300);
    float* log_sum_exp = bench.zero_vector(40);
    bench.device().attention({qkv, y, log_sum_exp, 1, 40});
    return std::vector<Values>{bench.values(y), bench.values(log_sum_exp, 40)};
  });
}

}  // namespace
}  // namespace heliu::device
