// The rows of Heliu's own field tables: their ranges hold for foreign documents as well.
#pragma once

#include <string>

#include "spec/table_info.h"

namespace heliu::exchange {

// By its path: "layers", "experts.count". The table must have it.
const FieldInfo& field_of(const TableInfo& table, const std::string& path);

}  // namespace heliu::exchange
