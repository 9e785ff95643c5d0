// The catalog, and pools that people name files of.
#pragma once

#include "app/session.h"
#include "spec/calibration.h"
#include "spec/catalog.h"

namespace heliu::app {

// Of the folder that HELIU_CATALOG names, else the one Heliu brings.
Result<Catalog> catalog(Session& session);

// What measurements taught about chips and frameworks; catalog/calibration.json.
Result<Calibration> calibration(Session& session);

// A pool file, with all that it leaves to the catalog.
Result<Pool> pool_from(Session& session, const std::string& path, const Catalog& catalog);

}  // namespace heliu::app
