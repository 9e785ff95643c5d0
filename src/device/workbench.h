// Test matrices on a device: made from a seed, read back as floats, compared.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "device/device.h"

namespace heliu::device {

using Values = std::vector<float>;

// Makes and owns operands. Two workbenches asked the same questions in the same order hold the same
// numbers, on whatever device. Behind every row lie `gap` elements that no operation may touch.
class Workbench {
 public:
  explicit Workbench(Device& device, int64_t gap = 3) : device_(device), gap_(gap) {}

  Device& device() { return device_; }

  Matrix random(int64_t rows, int64_t columns, Type type = Type::f32);  // normal, deviation 1
  Matrix filled(int64_t rows, int64_t columns, float value, Type type = Type::f32);
  Matrix holding(int64_t rows, int64_t columns, const Values& values, Type type = Type::f32);
  float* random_vector(int64_t count);
  float* zero_vector(int64_t count);
  int32_t* ids(const std::vector<int32_t>& ids);
  int32_t* random_ids(int64_t count, int64_t choices);

  // The elements row by row; expects that the gaps are untouched.
  Values values(const Matrix& m);
  Values values(const float* data, int64_t count);
  void set(const Matrix& m, int64_t row, int64_t column, float value);

 private:
  void* upload(const void* data, size_t bytes);

  Device& device_;
  int64_t gap_;
  uint64_t seed_ = 1;
  std::deque<Memory> memories_;
};

// A backend by name, or the cpu backend held to one instruction set.
struct Subject {
  std::string name;
  std::function<std::unique_ptr<Device>(int threads)> open;
};
void PrintTo(const Subject& subject, std::ostream* out);

std::vector<Subject> subjects();             // everything in this binary that this machine can run
std::vector<Subject> subjects_to_compare();  // the same without the reference
std::string name_of(const testing::TestParamInfo<Subject>& info);

// Runs once for each subject, on two threads.
class EveryBackend : public testing::TestWithParam<Subject> {
 protected:
  std::unique_ptr<Device> device_ = GetParam().open(2);
  Workbench bench_{*device_};
};

// Each |actual - expected| <= tolerance * (1 + |expected|).
void expect_near(const Values& actual, const Values& expected, double tolerance);

// Does `work` on the reference and on `subject` and expects the same results.
void expect_agreement(Device& subject, double tolerance,
                      const std::function<std::vector<Values>(Workbench&)>& work);

// Expects `gradient` to be the slope of `loss` by the elements of `input` (f32), by central
// differences at up to 60 of them.
void expect_slope(Workbench& bench, const Matrix& input, const Values& gradient,
                  const std::function<double()>& loss, double tolerance = 2e-3);

double inner_product(const Values& a, const Values& b);

// What two f32 computations, or two roundings to bf16 (8 bits) of them, may differ by.
double tolerance_of(Type type);

}  // namespace heliu::device
