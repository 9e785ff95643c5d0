#include "ledger/faults.h"

#include <fmt/format.h>
#include <sqlite3.h>

namespace heliu::ledger {
namespace {

std::string hint_for(int code) {
  switch (code & 0xff) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return "the file is damaged or no ledger: move it away and a new one is begun";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another process holds the ledger: wait for it, or look for one that hangs";
    case SQLITE_FULL:
      return "the disk is full";
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return "check that the folder exists and may be written to";
    default:
      return "check the disk and the file's permissions";
  }
}

}  // namespace

Error as_error(const DatabaseError& fault, const std::string& path) {
  return {.kind = Error::Kind::environment,
          .message = fmt::format("the ledger cannot be used: {}", fault.what()),
          .where = path,
          .hint = hint_for(fault.code())};
}

Error refuse(FileKind kind, const std::string& path) {
  if (kind == FileKind::newer)
    return {.kind = Error::Kind::environment,
            .message = "the ledger was written by a newer version of heliu",
            .where = path,
            .hint = "update heliu"};
  return {.kind = Error::Kind::environment,
          .message = "the file is a database, but no ledger",
          .where = path,
          .hint = "give another path for the ledger"};
}

}  // namespace heliu::ledger
