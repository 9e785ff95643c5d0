// How one C++ value is read from a Node, written as JSON and described, for every type that the
// documents use. Included by table.h only.
#pragma once

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/units.h"
#include "spec/reader.h"

namespace heliu {

using Json = nlohmann::ordered_json;

template <class T>
class Table;

template <class V>
struct IsOptional : std::false_type {};
template <class V>
struct IsOptional<std::optional<V>> : std::true_type {};
template <class V>
struct IsList : std::false_type {};
template <class V>
struct IsList<std::vector<V>> : std::true_type {};
template <class V>
struct IsQuantity : std::false_type {};
template <int S, int B, int F, int J, int Y, int K>
struct IsQuantity<Quantity<S, B, F, J, Y, K>> : std::true_type {};

// The endings of field names that say "a bare number in this unit".
template <class Q>
constexpr std::string_view si_suffix() {
  if constexpr (std::is_same_v<Q, Seconds>)
    return "_s";
  else if constexpr (std::is_same_v<Q, Bytes>)
    return "_bytes";
  else if constexpr (std::is_same_v<Q, Joules>)
    return "_j";
  else if constexpr (std::is_same_v<Q, Yuan>)
    return "_cny";
  else if constexpr (std::is_same_v<Q, Kilograms>)
    return "_kg";
  else if constexpr (std::is_same_v<Q, Watts>)
    return "_w";
  else if constexpr (std::is_same_v<Q, Bandwidth>)
    return "_bytes_per_s";
  else if constexpr (std::is_same_v<Q, OperationRate>)
    return "_flops";
  else
    return "";
}

template <class V>
void describe_value(FieldInfo& info) {
  if constexpr (IsOptional<V>::value) {
    describe_value<typename V::value_type>(info);
  } else if constexpr (IsList<V>::value) {
    describe_value<typename V::value_type>(info);
    info.list = true;
  } else if constexpr (IsQuantity<V>::value) {
    info.shape = FieldInfo::Shape::quantity;
    constexpr std::string_view suffix = si_suffix<V>();
    info.bare_number = !suffix.empty() && info.name.ends_with(suffix);
    info.unit = info.bare_number ? std::string(suffix.substr(1)) : unit_names<V>();
  } else if constexpr (std::is_enum_v<V>) {
    info.shape = FieldInfo::Shape::choice;
    for (std::string_view choice : names_of(V{})) info.choices.emplace_back(choice);
  } else if constexpr (std::is_same_v<V, bool>) {
    info.shape = FieldInfo::Shape::flag;
  } else if constexpr (std::is_integral_v<V>) {
    info.shape = FieldInfo::Shape::integer;
  } else if constexpr (std::is_floating_point_v<V>) {
    info.shape = FieldInfo::Shape::number;
  } else if constexpr (std::is_same_v<V, std::string>) {
    info.shape = FieldInfo::Shape::text;
  } else {
    info.shape = FieldInfo::Shape::table;
    info.nested = +[]() -> const TableInfo* { return &table_of(static_cast<const V*>(nullptr)); };
  }
}

template <class N>
bool within_range(N value, const FieldInfo& field, const Node& node, Reader& reader) {
  double number = double(value);
  if (field.minimum && number < *field.minimum) {
    reader.fault("HL-E0105",
                 fmt::format("{} must be at least {}: {}", field.name, *field.minimum, node.text),
                 node);
    return false;
  }
  if (field.maximum && number > *field.maximum) {
    reader.fault("HL-E0105",
                 fmt::format("{} must be at most {}: {}", field.name, *field.maximum, node.text),
                 node);
    return false;
  }
  return true;
}

template <class N>
void read_number(const Node& node, N& out, const FieldInfo& field, Reader& reader) {
  const char* wanted = std::is_integral_v<N> ? "a whole number" : "a number";
  N value{};
  const char* end = node.text.data() + node.text.size();
  auto [rest, status] = std::from_chars(node.text.data(), end, value);
  bool finite = std::isfinite(double(value));
  if (node.kind != Node::Kind::scalar || node.quoted || status == std::errc::invalid_argument ||
      rest != end || !finite)
    reader.fault("HL-E0104", fmt::format("{} must be {}: {}", field.name, wanted, node.text), node);
  else if (status == std::errc::result_out_of_range)
    reader.fault("HL-E0105", fmt::format("{} is out of range: {}", field.name, node.text), node);
  else if (within_range(value, field, node, reader))
    out = value;
}

template <class Q>
void read_quantity(const Node& node, Q& out, const FieldInfo& field, Reader& reader) {
  if (field.bare_number) {
    double number = 0;
    size_t before = reader.fault_count();
    read_number(node, number, field, reader);
    if (reader.fault_count() == before) out = Q::of(number);
    return;
  }
  auto value = node.kind == Node::Kind::scalar
                   ? parse_quantity<Q>(node.text)
                   : Result<Q>(fail(Error::Kind::bad_input, "not a number with a unit"));
  if (!value)
    reader.fault("HL-E0107", field.name + ": " + value.error().message, node, value.error().hint);
  else if (value->base() < 0)
    reader.fault("HL-E0105", fmt::format("{} must not be negative: {}", field.name, node.text),
                 node);
  else if (within_range(value->base(), field, node, reader))
    out = *value;
}

template <class E>
void read_choice(const Node& node, E& out, const FieldInfo& field, Reader& reader) {
  for (size_t i = 0; i < field.choices.size(); ++i)
    if (node.kind == Node::Kind::scalar && field.choices[i] == node.text) {
      out = E(int(i));
      return;
    }
  std::string all;
  for (const std::string& choice : field.choices) all += (all.empty() ? "" : ", ") + choice;
  auto meant = did_you_mean(node.text, field.choices);
  reader.fault("HL-E0108", fmt::format("{} must be one of {}: {}", field.name, all, node.text),
               node, meant ? fmt::format("did you mean {}?", *meant) : "");
}

inline void read_flag(const Node& node, bool& out, const FieldInfo& field, Reader& reader) {
  bool known = node.kind == Node::Kind::scalar && !node.quoted &&
               (node.text == "true" || node.text == "false");
  if (known)
    out = node.text == "true";
  else
    reader.fault("HL-E0104", fmt::format("{} must be true or false: {}", field.name, node.text),
                 node);
}

inline void read_text(const Node& node, std::string& out, const FieldInfo& field, Reader& reader) {
  if (node.kind == Node::Kind::scalar)
    out = node.text;
  else
    reader.fault("HL-E0104", fmt::format("{} must be text", field.name), node);
}

template <class V>
void read_value(const Node& node, V& out, const FieldInfo& field, Reader& reader) {
  if constexpr (IsOptional<V>::value) {
    if (node.kind == Node::Kind::null) return;
    typename V::value_type value{};
    size_t before = reader.fault_count();
    read_value(node, value, field, reader);
    if (reader.fault_count() == before) out = std::move(value);
  } else if constexpr (IsList<V>::value) {
    if (node.kind != Node::Kind::list)
      return reader.fault(
          "HL-E0104", fmt::format("{} must be a list", field.name), node,
          node.kind == Node::Kind::scalar ? fmt::format("write [{}]", node.text) : "");
    for (const Node& item : node.items) read_value(item, out.emplace_back(), field, reader);
  } else if constexpr (IsQuantity<V>::value) {
    read_quantity(node, out, field, reader);
  } else if constexpr (std::is_enum_v<V>) {
    read_choice(node, out, field, reader);
  } else if constexpr (std::is_same_v<V, bool>) {
    read_flag(node, out, field, reader);
  } else if constexpr (std::is_arithmetic_v<V>) {
    read_number(node, out, field, reader);
  } else if constexpr (std::is_same_v<V, std::string>) {
    read_text(node, out, field, reader);
  } else {
    table_of(static_cast<const V*>(nullptr)).read(node, out, reader);
  }
}

template <class V>
Json write_value(const V& value, const FieldInfo& field) {
  if constexpr (IsOptional<V>::value) {
    return value ? write_value(*value, field) : Json(nullptr);
  } else if constexpr (IsList<V>::value) {
    Json list = Json::array();
    for (const auto& item : value) list.push_back(write_value(item, field));
    return list;
  } else if constexpr (IsQuantity<V>::value) {
    return field.bare_number ? Json(value.base()) : Json(print_exact(value));
  } else if constexpr (std::is_enum_v<V>) {
    return std::string(names_of(V{})[size_t(value)]);
  } else if constexpr (std::is_arithmetic_v<V> || std::is_same_v<V, std::string>) {
    return value;
  } else {
    return table_of(static_cast<const V*>(nullptr)).write(value);
  }
}

}  // namespace heliu
