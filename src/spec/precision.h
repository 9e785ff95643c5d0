// Number formats of matrix products, by the field's own names.
#pragma once

#include <array>
#include <string_view>

namespace heliu {

// fp8: one scale per tensor; mxfp8: one for 32 elements (OCP MX); nvfp4: 4 bits, one for 16.
enum class Precision { fp32, bf16, tf32, fp16, fp8, mxfp8, nvfp4 };
constexpr std::array<std::string_view, 7> precision_names = {"fp32", "bf16",  "tf32", "fp16",
                                                             "fp8",  "mxfp8", "nvfp4"};

constexpr std::string_view name(Precision precision) { return precision_names[size_t(precision)]; }

// Of an activation kept in memory: the formats below 16 bits are those of products' operands only.
constexpr int bytes_of(Precision precision) {
  return precision == Precision::fp32 || precision == Precision::tf32 ? 4 : 2;
}

}  // namespace heliu
