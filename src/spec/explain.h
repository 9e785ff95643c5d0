// What a person may ask about the documents: `heliu explain workload.model.layers`.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/language.h"
#include "spec/table_info.h"

namespace heliu {

// pool, workload, plan, record, coefficients; and those of the catalog: chip, catalog_node,
// catalog_fabric.
std::vector<const TableInfo*> documents();

// A field ("workload.model.layers"), a table ("workload.model"), or an error code ("HL-E0103").
// Fails with not_found and the nearest name.
Result<std::string> explain(const std::string& path, Language language);

// The meaning of an error code of the documents; empty where there is no such code.
std::string meaning_of_code(const std::string& code, Language language);

// The page docs/reference/documents.md.
std::string reference_page();

}  // namespace heliu
