#include "ledger/schema.h"

#include <array>
#include <string>

namespace heliu::ledger {
namespace {

// Step i brings a file from version i to i + 1. Steps are only ever added. Facts are never changed:
// the triggers hold even against another program's SQL.
constexpr std::array<const char*, schema_version> migrations = {R"sql(
CREATE TABLE jobs(
  id TEXT PRIMARY KEY,
  time REAL NOT NULL,
  fingerprint TEXT NOT NULL,
  workload TEXT NOT NULL,
  plan TEXT NOT NULL,
  directory TEXT NOT NULL);
CREATE INDEX jobs_by_fingerprint ON jobs(fingerprint);

CREATE TABLE records(
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  job TEXT NOT NULL REFERENCES jobs(id),
  event TEXT NOT NULL,
  json TEXT NOT NULL);
CREATE INDEX records_by_job ON records(job, event, seq);

CREATE TABLE coefficients(
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  island TEXT NOT NULL,
  json TEXT NOT NULL);
CREATE INDEX coefficients_by_island ON coefficients(island, seq);

CREATE TRIGGER jobs_stay BEFORE UPDATE ON jobs BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER jobs_last BEFORE DELETE ON jobs BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER records_stay BEFORE UPDATE ON records BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER records_last BEFORE DELETE ON records BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER coefficients_stay BEFORE UPDATE ON coefficients
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER coefficients_last BEFORE DELETE ON coefficients
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
)sql"};

}  // namespace

FileKind kind_of(const Database& database) {
  // Tables first: they appear together with the application's mark, so that a ledger which another
  // process begins between the two questions is not taken for a foreign file.
  bool empty = database.number("SELECT count(*) FROM sqlite_master") == 0;
  int64_t application = database.number("PRAGMA application_id");
  if (application == application_id)
    return database.number("PRAGMA user_version") > schema_version ? FileKind::newer
                                                                   : FileKind::ledger;
  return empty && application == 0 ? FileKind::fresh : FileKind::foreign;
}

void prepare(Database& database) {
  if (kind_of(database) == FileKind::ledger &&
      database.number("PRAGMA user_version") == schema_version)
    return;
  Transaction transaction(database);
  // Asked again: another process may have done it while this one waited for the lock.
  for (int64_t version = database.number("PRAGMA user_version"); version < schema_version;
       ++version)
    database.run(migrations[size_t(version)]);
  database.run(("PRAGMA application_id = " + std::to_string(application_id)).c_str());
  database.run(("PRAGMA user_version = " + std::to_string(schema_version)).c_str());
  transaction.commit();
}

}  // namespace heliu::ledger
