// What the number of threads may not change: the result, to the last bit.
#include "device/workbench.h"

namespace heliu::device {
namespace {

class Determinism : public testing::TestWithParam<Subject> {
 protected:
  // Does `work` on one thread, on two and on three, twice each.
  void expect_same_bits(const std::function<std::vector<Values>(Workbench&)>& work) {
    auto run = [&](int threads) {
      auto device = GetParam().open(threads);
      Workbench bench(*device);
      std::vector<Values> first = work(bench);
      Workbench again(*device);
      EXPECT_EQ(work(again), first) << "a second run on threads: " << threads;
      return first;
    };
    std::vector<Values> alone = run(1);
    EXPECT_EQ(run(2), alone);
    EXPECT_EQ(run(3), alone);
  }
};
INSTANTIATE_TEST_SUITE_P(Device, Determinism, testing::ValuesIn(subjects_to_compare()), name_of);

TEST_P(Determinism, LayerNormBackward) {
  expect_same_bits([](Workbench& bench) {
    Matrix x = bench.random(1000, 70), dy = bench.random(1000, 70, Type::bf16);
    Matrix dx = bench.filled(1000, 70, 0);
    float* gain = bench.zero_vector(70);
    float* bias = bench.zero_vector(70);
    bench.device().layer_norm_backward({dy, x, bench.random_vector(70), bench.random_vector(1000),
                                        bench.random_vector(1000), dx, gain, bias});
    return std::vector<Values>{bench.values(dx), bench.values(gain, 70), bench.values(bias, 70)};
  });
}

TEST_P(Determinism, BiasAndEmbeddingGradients) {
  expect_same_bits([](Workbench& bench) {
    Matrix dy = bench.random(500, 300);
    float* bias = bench.zero_vector(300);
    Matrix tokens = bench.filled(11, 300, 0), positions = bench.filled(50, 300, 0);
    bench.device().bias_gradient({dy, bias});
    bench.device().embedding_backward({bench.random_ids(500, 11), dy, tokens, positions});
    return std::vector<Values>{bench.values(bias, 300), bench.values(tokens),
                               bench.values(positions)};
  });
}

TEST_P(Determinism, SumOfSquares) {
  expect_same_bits([](Workbench& bench) {
    double sum = 0;
    bench.device().sum_of_squares(bench.random_vector(300000), 300000, &sum);
    return std::vector<Values>{{float(sum), float(sum - float(sum))}};
  });
}

TEST_P(Determinism, AttentionForwardAndBackward) {
  expect_same_bits([](Workbench& bench) {
    Matrix qkv = bench.random(120, 3 * 48), y = bench.filled(120, 48, 0);
    Matrix dy = bench.random(120, 48), dqkv = bench.filled(120, 3 * 48, 0);
    float* log_sum_exp = bench.zero_vector(3 * 120);
    bench.device().attention({qkv, y, log_sum_exp, 3, 40});
    bench.device().attention_backward({qkv, y, dy, log_sum_exp, dqkv, 3, 40});
    return std::vector<Values>{bench.values(y), bench.values(dqkv)};
  });
}

TEST_P(Determinism, RowAndElementOperations) {
  expect_same_bits([](Workbench& bench) {
    Device& device = bench.device();
    Matrix x = bench.random(400, 90), y = bench.filled(400, 90, 0, Type::bf16);
    Matrix logits = bench.random(40, 3000, Type::bf16);
    float* loss = bench.zero_vector(40);
    float* parameter = bench.random_vector(20000);
    device.layer_norm({x,
                       {},
                       y,
                       bench.random_vector(90),
                       bench.random_vector(90),
                       bench.zero_vector(400),
                       bench.zero_vector(400)});
    device.gelu({y, y});
    device.add(x, y);
    device.cross_entropy({logits, bench.random_ids(40, 3000), loss});
    device.adamw({20000, parameter, bench.random_vector(20000), bench.zero_vector(20000),
                  bench.zero_vector(20000), nullptr, 1, 1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, 1});
    return std::vector<Values>{bench.values(x), bench.values(logits), bench.values(loss, 40),
                               bench.values(parameter, 20000)};
  });
}

// oneDNN may cut the inner size of a product by the number of threads; a run repeats itself bit
// for bit, but another number of threads may round otherwise.
TEST_P(Determinism, GemmRepeatsItselfAndAgreesAcrossThreads) {
  auto run = [&](int threads) {
    auto device = GetParam().open(threads);
    Workbench bench(*device);
    Matrix a = bench.random(1000, 64, Type::bf16), b = bench.random(1000, 80, Type::bf16);
    Matrix c = bench.random(64, 80);
    device->gemm({.a = a, .b = b, .c = c, .transpose_a = true, .accumulate = true});
    return bench.values(c);
  };

  EXPECT_EQ(run(2), run(2));
  expect_near(run(2), run(1), 2e-5);
}

}  // namespace
}  // namespace heliu::device
