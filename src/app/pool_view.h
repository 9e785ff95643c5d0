// A pool as people look at it: a table of its islands, a tree of what holds what.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/language.h"
#include "spec/catalog.h"

namespace heliu::app {

using Json = nlohmann::ordered_json;

// What an island comes to; figures that the catalog does not have count as nothing.
struct IslandTotals {
  std::string chip;
  int64_t devices = 0;
  OperationRate peak;  // bf16, dense
  Bytes memory;        // of its devices
  Watts power;         // of devices and nodes, without cooling
};

IslandTotals totals(const Island& island, const Catalog& catalog);

// One row an island, and one for all.
std::string pool_table(Language language, const Pool& pool, const Catalog& catalog);
Json pool_items(const Pool& pool, const Catalog& catalog);

// Centers, islands, nodes, devices, each under what holds it; then the links between centers.
std::string pool_tree(Language language, const Pool& pool);

// The pool as a document that no longer needs the catalog.
Json spelled_out(Pool pool);

}  // namespace heliu::app
