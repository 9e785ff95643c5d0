// Reading and writing the five documents, and the files of the catalog. Each has one field table
// (in its .cpp), which drives the readers, the writers, `heliu explain`, the JSON Schema and the
// reference page.
//
// D is Pool, Workload, Plan, Record, Coefficients (and Forecast, which plans and reports hold), or
// Chip, CatalogNode, CatalogFabric.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/error.h"
#include "base/text.h"

namespace heliu {

using Json = nlohmann::ordered_json;
struct TableInfo;

// A document as people write it. All faults are found in one reading: the first is the Error,
// the others are in its `more`.
template <class D>
Result<D> read_yaml(const SourceText& source);

// A document as programs write it, one JSON value.
template <class D>
Result<D> read_json(const SourceText& source);

template <class D>
Json to_json(const D& document);

// One line, no blank space: what goes into ledgers and record files.
template <class D>
std::string to_line(const D& document);

template <class D>
std::string to_yaml(const D& document);

// The field table, for those who explain it.
template <class D>
const TableInfo& table();

}  // namespace heliu
