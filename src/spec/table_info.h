// What is known about a document's fields without its C++ type: for `explain`, the JSON Schema and
// the reference page.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/language.h"

namespace heliu {

struct TableInfo;

struct FieldInfo {
  enum class Shape { text, integer, number, flag, quantity, choice, table };

  std::string name;
  Words meaning;
  Shape shape = Shape::text;
  bool list = false;  // a list of such values
  bool required = false;
  std::string unit;          // quantity: the units one may write, or the one meant by the name
  bool bare_number = false;  // quantity: written as a number, the unit stands in the name
  std::vector<std::string> choices;
  std::optional<double> minimum, maximum;
  std::string standard;  // the default, as JSON; empty: none
  const TableInfo* (*nested)() = nullptr;
};

struct TableInfo {
  std::string name;
  Words meaning;
  bool named = false;    // a name alone may stand for the whole: it is the catalog's
  bool machine = false;  // programs write it: unknown fields are kept, units stand in names
  std::vector<FieldInfo> fields;
  std::optional<size_t> instead;  // the field that may stand for all required ones
};

}  // namespace heliu
