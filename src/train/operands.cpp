#include "train/operands.h"

#include <vector>

#include "base/check.h"

namespace heliu::train {
namespace {

constexpr size_t page = 4096;

// Numbers in [0, below) without an order.
int64_t scattered(size_t i, int64_t below) {
  return int64_t((i * 2654435761u >> 8) % uint64_t(below));
}

}  // namespace

// Small numbers, not zeros: zeros and denormals may be faster or slower than what training meets.
Operands::Operands(device::Device& device, size_t bytes) : device_(device), arena_(device, bytes) {
  std::vector<float> pattern(1 << 16);
  for (size_t i = 0; i < pattern.size(); ++i) pattern[i] = float(scattered(i, 2001) - 1000) * 1e-3f;
  size_t block = pattern.size() * sizeof(float);
  for (size_t at = 0; at + block <= bytes; at += block)
    device_.upload(arena_.as<char>() + at, pattern.data(), block);
  device_.wait();
}

device::Matrix Operands::matrix(int64_t rows, int64_t columns, device::Type type) {
  size_t bytes = size_t(rows * columns * device::size_of(type));
  HELIU_CHECK(bytes <= arena_.bytes());
  if (used_ + bytes > arena_.bytes()) used_ = 0;
  device::Matrix view = device::matrix(arena_.as<char>() + used_, type, rows, columns);
  used_ += (bytes + page - 1) / page * page;
  return view;
}

int32_t* Operands::ids(int64_t count, int64_t below) {
  std::vector<int32_t> values(static_cast<size_t>(count));
  for (size_t i = 0; i < values.size(); ++i) values[i] = int32_t(scattered(i, below));
  int32_t* place = matrix(1, count, device::Type::f32).as<int32_t>();
  device_.upload(place, values.data(), values.size() * sizeof(int32_t));
  device_.wait();
  return place;
}

}  // namespace heliu::train
