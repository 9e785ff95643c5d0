#include "device/bf16.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "device/workbench.h"

namespace heliu::device {
namespace {

TEST(Bf16, RoundsTiesToEven) {
  // Above 1 the steps are 2^-7; halfway between 1 and 1 + 2^-7 the even one is 1.
  EXPECT_EQ(from_bf16(to_bf16(1 + 0x1p-8f)), 1);
  EXPECT_EQ(from_bf16(to_bf16(1 + 0x1p-8f + 0x1p-20f)), 1 + 0x1p-7f);
  EXPECT_EQ(from_bf16(to_bf16(1 + 3 * 0x1p-8f)), 1 + 2 * 0x1p-7f);
}

TEST(Bf16, OverflowsToInfinityAndKeepsNan) {
  float infinity = std::numeric_limits<float>::infinity();

  EXPECT_EQ(from_bf16(to_bf16(std::numeric_limits<float>::max())), infinity);
  EXPECT_EQ(from_bf16(to_bf16(-infinity)), -infinity);
  // The NaN whose only set bit of the fraction is cut off, and the one that would round up to -0.
  EXPECT_TRUE(std::isnan(from_bf16(to_bf16(std::bit_cast<float>(0x7f800001u)))));
  EXPECT_TRUE(std::isnan(from_bf16(to_bf16(std::bit_cast<float>(0x7fffffffu)))));
}

class Convert : public EveryBackend {};
INSTANTIATE_TEST_SUITE_P(Device, Convert, testing::ValuesIn(subjects()), name_of);

TEST_P(Convert, RoundsEveryFloatAsTheRuleSays) {
  // All exponents and signs, with the fractions around a tie.
  Values values;
  for (uint32_t high = 0; high < 0x10000; high += 7) {
    for (uint32_t low : {0x0000u, 0x0001u, 0x7fffu, 0x8000u, 0x8001u, 0xffffu}) {
      values.push_back(std::bit_cast<float>(high << 16 | low));
    }
  }
  int64_t count = int64_t(values.size());
  Memory from(*device_, size_t(count) * 4), to(*device_, size_t(count) * 2);
  device_->upload(from.data(), values.data(), from.bytes());

  device_->convert(matrix(from.data(), Type::f32, 1, count),
                   matrix(to.data(), Type::bf16, 1, count));

  std::vector<uint16_t> found(values.size());
  device_->download(found.data(), to.data(), to.bytes());
  for (size_t i = 0; i < values.size(); ++i) ASSERT_EQ(found[i], to_bf16(values[i])) << values[i];
}

TEST_P(Convert, WidensWithoutLoss) {
  Matrix from = bench_.random(5, 37, Type::bf16), to = bench_.filled(5, 37, 0);

  device_->convert(from, to);

  EXPECT_EQ(bench_.values(to), bench_.values(from));
}

}  // namespace
}  // namespace heliu::device
