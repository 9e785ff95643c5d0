#include "train/batches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace heliu::train {
namespace {

// All starts that one step reads, over its ranks and micro-batches.
std::vector<int64_t> starts(const Windows& windows, const Division& division, uint64_t seed,
                            int64_t step) {
  Batches batches(windows, division, seed);
  std::vector<int64_t> all;
  for (int64_t micro = 0; micro < division.accumulation; ++micro)
    for (int64_t rank = 0; rank < division.ranks; ++rank)
      for (int64_t position = 0; position < division.micro_batch; ++position)
        all.push_back(batches.start(step, micro, rank, position));
  return all;
}

TEST(Windows, EndOneCharacterBeforeTheTextDoes) {
  // 11 characters: targets of the window at 6 end with character 10, the last.
  EXPECT_EQ((Windows{11, 4, 1}.count()), 7);
  EXPECT_EQ((Windows{11, 4, 4}.count()), 2);
  EXPECT_EQ((Windows{5, 4, 4}.count()), 1);
  EXPECT_EQ((Windows{4, 4, 4}.count()), 0);
}

TEST(Permutation, TakesEveryPlaceOnceForAnyCount) {
  for (int64_t count : {1, 2, 3, 4, 5, 16, 17, 100, 1000, 4097}) {
    Permutation permuted(count, 7, 0);
    std::vector<int64_t> places(static_cast<size_t>(count)), expected(places.size());
    for (int64_t i = 0; i < count; ++i) places[size_t(i)] = permuted(i);
    std::sort(places.begin(), places.end());
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(places, expected) << count;
  }
}

TEST(Permutation, ScattersNeighbours) {
  // Of 1000 places, a random order keeps about one in place and one pair in sequence.
  Permutation permuted(1000, 7, 0);
  int fixed = 0, neighbours = 0;
  for (int64_t i = 0; i < 999; ++i) {
    fixed += permuted(i) == i;
    neighbours += permuted(i + 1) == permuted(i) + 1;
  }
  EXPECT_LE(fixed, 10);
  EXPECT_LE(neighbours, 10);
}

TEST(Batches, AnEpochReadsEveryWindowOnce) {
  Windows windows{121, 10, 10};  // 12 windows
  std::vector<int64_t> read, expected;
  for (int64_t step = 0; step < 4; ++step)
    for (int64_t start : starts(windows, {3, 1, 1}, 5, step)) read.push_back(start);

  std::sort(read.begin(), read.end());
  for (int64_t window = 0; window < 12; ++window) expected.push_back(10 * window);
  EXPECT_EQ(read, expected);
}

TEST(Batches, EveryDivisionReadsTheSameGlobalBatch) {
  Windows windows{1000, 10, 1};
  for (int64_t step : {0, 1, 50, 1234}) {
    std::vector<int64_t> whole = starts(windows, {1, 24, 1}, 5, step);
    for (Division division : {Division{2, 12, 1}, Division{4, 3, 2}, Division{1, 1, 24},
                              Division{24, 1, 1}, Division{3, 2, 4}})
      EXPECT_EQ(starts(windows, division, 5, step), whole);
  }
}

TEST(Batches, EpochsAndSeedsDifferInOrder) {
  Windows windows{1001, 10, 10};
  Division epoch{1, 100, 1};
  ASSERT_EQ(windows.count(), 100);

  auto first = starts(windows, epoch, 5, 0), second = starts(windows, epoch, 5, 1);

  EXPECT_NE(first, second);
  EXPECT_NE(first, starts(windows, epoch, 6, 0));
  EXPECT_EQ(first, starts(windows, epoch, 5, 0));
}

TEST(Batches, ABatchLargerThanTheTextGoesOnInTheNextEpoch) {
  Windows windows{21, 10, 10};  // 2 windows
  std::vector<int64_t> read = starts(windows, {1, 4, 1}, 5, 0);

  EXPECT_EQ(read[0] + read[1], 10);  // 0 and 10
  EXPECT_EQ(read[2] + read[3], 10);
}

}  // namespace
}  // namespace heliu::train
