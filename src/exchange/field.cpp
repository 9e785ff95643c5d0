#include "exchange/field.h"

#include "base/check.h"

namespace heliu::exchange {

const FieldInfo& field_of(const TableInfo& table, const std::string& path) {
  size_t dot = path.find('.');
  for (const FieldInfo& field : table.fields) {
    if (field.name != path.substr(0, dot)) continue;
    return dot == std::string::npos ? field : field_of(*field.nested(), path.substr(dot + 1));
  }
  throw Bug("the table has the field", __FILE__, __LINE__);
}

}  // namespace heliu::exchange
