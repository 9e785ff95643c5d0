// bfloat16: the upper half of a float's bits, held as uint16_t.
#pragma once

#include <bit>
#include <cstdint>

namespace heliu::device {

constexpr float from_bf16(uint16_t bits) { return std::bit_cast<float>(uint32_t{bits} << 16); }

// Rounds to nearest, ties to even. A NaN stays one: rounding could carry it into infinity, so it is
// cut and made quiet instead.
constexpr uint16_t to_bf16(float value) {
  auto bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return uint16_t(bits >> 16 | 0x40u);
  return uint16_t((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

}  // namespace heliu::device
