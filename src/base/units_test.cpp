#include "base/units.h"

#include <gtest/gtest.h>

namespace heliu {
namespace {

TEST(Units, BitsAndBytesAreToldApart) {
  EXPECT_DOUBLE_EQ(parse_quantity<Bandwidth>("400 Gb/s")->base(), 50e9);
  EXPECT_DOUBLE_EQ(parse_quantity<Bandwidth>("50GB/s")->base(), 50e9);
}

TEST(Units, DimensionsMultiplyOut) {
  Seconds time = 100.0_GB / 50.0_GBps;

  EXPECT_DOUBLE_EQ(time.base(), 2);
  EXPECT_DOUBLE_EQ(2.0_GB / 1.0_GB, 2);
}

TEST(Units, ANumberWithoutUnitIsRefusedWithTheUnitsThatFit) {
  auto bandwidth = parse_quantity<Bandwidth>("400");

  ASSERT_FALSE(bandwidth);
  EXPECT_EQ(bandwidth.error().message, "a unit is needed: 400");
  EXPECT_NE(bandwidth.error().hint.find("Gb/s"), std::string::npos);
}

TEST(Units, AWrongUnitIsNamed) {
  EXPECT_EQ(parse_quantity<Seconds>("3 parsec").error().message,
            "unknown unit parsec in: 3 parsec");
  EXPECT_EQ(parse_quantity<Seconds>("soon").error().message, "not a number with a unit: soon");
  EXPECT_FALSE(parse_quantity<Seconds>("inf s"));
}

TEST(Units, AQuantityBeyondWhatANumberHoldsIsRefused) {
  EXPECT_EQ(parse_quantity<Bytes>("1e308 PB").error().message, "too large a quantity: 1e308 PB");
}

TEST(Units, PrintChoosesAReadableUnit) {
  EXPECT_EQ(print(3.0_us), "3 us");
  EXPECT_EQ(print(50.0_GBps), "50 GB/s");
  EXPECT_EQ(print(Seconds::of(7200)), "2 h");
  EXPECT_EQ(print(Bytes{}), "0 B");
  EXPECT_EQ(print(HourlyPrice::of(14.0 / 3600)), "14 CNY/device-hour");
}

TEST(Units, PrintedTextReadsBack) {
  for (double seconds : {3e-9, 4.5e-4, 2.0, 250.0, 86400.0})
    EXPECT_NEAR(parse_quantity<Seconds>(print(Seconds::of(seconds)))->base(), seconds,
                1e-3 * seconds);
}

}  // namespace
}  // namespace heliu
