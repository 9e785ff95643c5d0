// From the names in a pool to what they stand for in the catalog.
#pragma once

#include "base/text.h"
#include "spec/catalog.h"

namespace heliu {

// The pool with all filled in that it leaves to the catalog: nodes and fabrics given by name,
// memory of devices, links between devices, bandwidth of nodes into their fabric. Fails with all
// the names that the catalog does not have; `where` is "center/island". Resolving twice changes
// nothing.
Result<Pool> resolve(Pool pool, const Catalog& catalog);

// A pool file, read and resolved; all faults with their places in the file.
Result<Pool> read_pool(const SourceText& source, const Catalog& catalog);

}  // namespace heliu
