#include "device/metered.h"

#include <gtest/gtest.h>

#include <cmath>

namespace heliu::device {
namespace {

TEST(Metered, DoesTheWorkAndBooksItsTimeUnderItsClassAlone) {
  auto device = open("reference");
  Meter meter{};
  auto subject = metered(*device, meter);
  std::vector<float> a(64 * 64, 1), c(64 * 64);

  Matrix square = matrix(a.data(), Type::f32, 64, 64);
  subject->gemm({.a = square, .b = square, .c = matrix(c.data(), Type::f32, 64, 64)});

  EXPECT_EQ(c[5], 64);
  for (size_t i = 0; i < meter.size(); ++i) {
    bool is_gemm = i == size_t(OperationClass::gemm);
    EXPECT_EQ(meter[i] > 0, is_gemm) << operation_class_names[i];
  }
}

TEST(Metered, AddsToWhatWasBookedBefore) {
  auto device = open("reference");
  Meter meter{};
  meter[size_t(OperationClass::optimizer)] = 100;
  auto subject = metered(*device, meter);
  std::vector<float> x(10, 2);

  double sum = 1;
  subject->sum_of_squares(x.data(), 10, &sum);

  EXPECT_EQ(sum, 41);
  EXPECT_GT(meter[size_t(OperationClass::optimizer)], 100);
}

}  // namespace
}  // namespace heliu::device
