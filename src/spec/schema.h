// JSON Schema (draft 2020-12) of a document, from its field table.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "spec/table_info.h"

namespace heliu {

nlohmann::ordered_json json_schema(const TableInfo& table);

}  // namespace heliu
