#include "spec/schema.h"

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace heliu {
namespace {

using Json = nlohmann::ordered_json;

Json object_of(const TableInfo& table);

// "3 us": a number, blanks, one of the units.
std::string quantity_pattern(const std::string& units) {
  std::string any;
  for (const std::string& unit : split(units, ','))
    any += (any.empty() ? "" : "|") + std::string(trim(unit));
  return "^\\s*-?[0-9.]+([eE][-+]?[0-9]+)?\\s*(" + any + ")\\s*$";
}

Json value_of(const FieldInfo& field) {
  switch (field.shape) {
    case FieldInfo::Shape::text:
      return {{"type", "string"}};
    case FieldInfo::Shape::integer:
      return {{"type", "integer"}};
    case FieldInfo::Shape::number:
      return {{"type", "number"}};
    case FieldInfo::Shape::flag:
      return {{"type", "boolean"}};
    case FieldInfo::Shape::choice:
      return {{"type", "string"}, {"enum", field.choices}};
    case FieldInfo::Shape::table:
      if (field.nested()->named)
        return {{"anyOf", {Json{{"type", "string"}}, object_of(*field.nested())}}};
      return object_of(*field.nested());
    case FieldInfo::Shape::quantity:
      if (field.bare_number) return {{"type", "number"}};
      return {{"type", "string"}, {"pattern", quantity_pattern(field.unit)}};
  }
  return Json::object();
}

Json property(const FieldInfo& field) {
  Json value = value_of(field);
  if (field.minimum && value.value("type", "") != "string") value["minimum"] = *field.minimum;
  if (field.maximum && value.value("type", "") != "string") value["maximum"] = *field.maximum;
  if (field.list) value = {{"type", "array"}, {"items", value}};
  value["description"] = std::string(field.meaning.en);
  if (!field.standard.empty()) value["default"] = Json::parse(field.standard);
  return value;
}

Json object_of(const TableInfo& table) {
  Json properties = Json::object(), required = Json::array();
  for (const FieldInfo& field : table.fields) {
    properties[field.name] = property(field);
    if (field.required) required.push_back(field.name);
  }
  Json object{
      {"type", "object"}, {"properties", properties}, {"additionalProperties", table.machine}};
  if (table.instead)
    object["anyOf"] = {{{"required", required}},
                       {{"required", {table.fields[*table.instead].name}}}};
  else if (!required.empty())
    object["required"] = required;
  return object;
}

}  // namespace

Json json_schema(const TableInfo& table) {
  Json schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
              {"title", table.name},
              {"description", std::string(table.meaning.en)}};
  schema.update(object_of(table));
  return schema;
}

}  // namespace heliu
