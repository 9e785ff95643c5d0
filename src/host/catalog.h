// The catalog as files: chips/, nodes/ and fabrics/ of one folder, one YAML file a thing.
#pragma once

#include <string>

#include "host/files.h"
#include "spec/catalog.h"

namespace heliu::host {

// All files, what is in them sorted by name. All faults of all files are told at once; not_found
// where the folder has no chips.
Result<Catalog> read_catalog(Files& files, const std::string& folder);

// $HELIU_CATALOG, else the catalog of the source tree.
std::string catalog_folder();

}  // namespace heliu::host
