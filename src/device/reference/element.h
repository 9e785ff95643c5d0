// One element of a matrix, whatever its type.
#pragma once

#include "device/bf16.h"
#include "device/tensor.h"

namespace heliu::device::reference {

inline float get(const Matrix& m, int64_t row, int64_t column) {
  int64_t place = row * m.stride + column;
  return m.type == Type::f32 ? m.as<float>()[place] : from_bf16(m.as<uint16_t>()[place]);
}

inline void put(const Matrix& m, int64_t row, int64_t column, double value) {
  int64_t place = row * m.stride + column;
  if (m.type == Type::f32) {
    m.as<float>()[place] = float(value);
  } else {
    m.as<uint16_t>()[place] = to_bf16(float(value));
  }
}

}  // namespace heliu::device::reference
