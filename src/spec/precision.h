// Number formats of matrix products, by the field's own names.
#pragma once

#include <array>
#include <string_view>

namespace heliu {

enum class Precision { fp32, bf16 };
constexpr std::array<std::string_view, 2> precision_names = {"fp32", "bf16"};

constexpr std::string_view name(Precision precision) { return precision_names[size_t(precision)]; }
constexpr int bytes_of(Precision precision) { return precision == Precision::fp32 ? 4 : 2; }

}  // namespace heliu
