// What went wrong with a ledger's file, as people read it.
#pragma once

#include <string>

#include "base/error.h"
#include "ledger/database.h"
#include "ledger/schema.h"

namespace heliu::ledger {

Error as_error(const DatabaseError& fault, const std::string& path);

// Of a file that is no ledger of ours: `kind` is newer or foreign.
Error refuse(FileKind kind, const std::string& path);

}  // namespace heliu::ledger
