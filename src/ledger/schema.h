// The tables of a ledger file, and how older files are brought up to date.
#pragma once

#include "ledger/database.h"

namespace heliu::ledger {

// "HELU" in the file's header: tells a ledger from any other SQLite file.
constexpr int64_t application_id = 0x48454C55;

constexpr int64_t schema_version = 1;

enum class FileKind { fresh, ledger, newer, foreign };
FileKind kind_of(const Database& database);

// Creates or migrates, one version after the other, in one transaction. Safe for two at once.
void prepare(Database& database);

}  // namespace heliu::ledger
