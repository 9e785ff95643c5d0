#include "device/workbench.h"

#include "base/check.h"

namespace heliu::device {
namespace {

class EmbeddingOf : public EveryBackend {};
class FastEmbedding : public EveryBackend {};
INSTANTIATE_TEST_SUITE_P(Device, EmbeddingOf, testing::ValuesIn(subjects()), name_of);
INSTANTIATE_TEST_SUITE_P(Device, FastEmbedding, testing::ValuesIn(subjects_to_compare()), name_of);

TEST_P(EmbeddingOf, AddsTokenAndPosition) {
  Matrix tokens = bench_.holding(3, 2, {1, 2, 3, 4, 5, 6});
  Matrix positions = bench_.holding(2, 2, {10, 20, 30, 40});
  Matrix x = bench_.filled(4, 2, 0);

  device_->embedding({bench_.ids({2, 0, 1, 1}), tokens, positions, x});

  EXPECT_EQ(bench_.values(x), (Values{15, 26, 31, 42, 13, 24, 33, 44}));
}

TEST_P(EmbeddingOf, BackwardSumsTheRowsOfEachTokenAndPosition) {
  Matrix gradient = bench_.holding(4, 2, {1, 2, 10, 20, 100, 200, 1000, 2000});
  Matrix tokens = bench_.filled(3, 2, 0.5f), positions = bench_.filled(2, 2, 0);

  device_->embedding_backward({bench_.ids({2, 0, 2, 2}), gradient, tokens, positions});

  EXPECT_EQ(bench_.values(tokens), (Values{10.5f, 20.5f, 0.5f, 0.5f, 1101.5f, 2202.5f}));
  EXPECT_EQ(bench_.values(positions), (Values{101, 202, 1010, 2020}));
}

TEST_P(EmbeddingOf, RefusesAnIdOutsideTheVocabulary) {
  Matrix tokens = bench_.filled(3, 2, 0), positions = bench_.filled(2, 2, 0);
  Matrix x = bench_.filled(2, 2, 0);

  EXPECT_THROW(device_->embedding({bench_.ids({0, 3}), tokens, positions, x}), Bug);
  EXPECT_THROW(device_->embedding_backward({bench_.ids({-1, 0}), x, tokens, positions}), Bug);
}

TEST_P(FastEmbedding, AgreesToTheLastBit) {
  for (int64_t hidden : {1, 63, 64, 200}) {
    expect_agreement(*device_, 0, [&](Workbench& bench) {
      const int32_t* ids = bench.random_ids(120, 7);
      Matrix tokens = bench.random(7, hidden), positions = bench.random(24, hidden);
      Matrix x = bench.filled(120, hidden, 0), dx = bench.random(120, hidden);
      bench.device().embedding({ids, tokens, positions, x});
      bench.device().embedding_backward({ids, dx, tokens, positions});
      return std::vector<Values>{bench.values(x), bench.values(tokens), bench.values(positions)};
    });
  }
}

}  // namespace
}  // namespace heliu::device
