// What device operations work on: views of device memory. A view owns nothing.
#pragma once

#include <cstdint>

namespace heliu::device {

enum class Type { f32, bf16 };

constexpr int64_t size_of(Type type) { return type == Type::f32 ? 4 : 2; }

// `rows` x `columns` elements, row-major, `stride` elements from row to row.
struct Matrix {
  void* data = nullptr;
  Type type = Type::f32;
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t stride = 0;

  template <class T>
  T* as() const {
    return static_cast<T*>(data);
  }
};

inline Matrix matrix(void* data, Type type, int64_t rows, int64_t columns) {
  return {data, type, rows, columns, columns};
}

// Columns [first, first + count) of every row.
inline Matrix columns(Matrix m, int64_t first, int64_t count) {
  return {static_cast<char*>(m.data) + first * size_of(m.type), m.type, m.rows, count, m.stride};
}

// Rows [first, first + count).
inline Matrix rows(Matrix m, int64_t first, int64_t count) {
  return {static_cast<char*>(m.data) + first * m.stride * size_of(m.type), m.type, count, m.columns,
          m.stride};
}

}  // namespace heliu::device
