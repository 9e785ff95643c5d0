#include "ledger/database.h"

#include <sqlite3.h>

namespace heliu::ledger {

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
void Database::Close::operator()(sqlite3* handle) const { sqlite3_close(handle); }

Statement::Statement(const Database& database, std::string_view sql)
    : database_(database.handle_.get()) {
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v2(database_, sql.data(), int(sql.size()), &statement, nullptr));
  statement_.reset(statement);
}

void Statement::check(int code) const {
  if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE)
    throw DatabaseError(sqlite3_extended_errcode(database_), sqlite3_errmsg(database_));
}

Statement& Statement::bind(int index, std::string_view text) {
  check(sqlite3_bind_text64(statement_.get(), index, text.data(), text.size(), SQLITE_TRANSIENT,
                            SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind(int index, int64_t number) {
  check(sqlite3_bind_int64(statement_.get(), index, number));
  return *this;
}

Statement& Statement::bind(int index, double number) {
  check(sqlite3_bind_double(statement_.get(), index, number));
  return *this;
}

bool Statement::step() {
  int code = sqlite3_step(statement_.get());
  check(code);
  return code == SQLITE_ROW;
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

void Statement::reset() { check(sqlite3_reset(statement_.get())); }

std::string Statement::text(int column) const {
  auto* begin = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return begin ? std::string(begin, size_t(sqlite3_column_bytes(statement_.get(), column)))
               : std::string();
}

int64_t Statement::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}
double Statement::real(int column) const { return sqlite3_column_double(statement_.get(), column); }

Database::Database(const std::string& path, int patience_ms) {
  sqlite3* handle = nullptr;
  int code =
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK)
    throw DatabaseError(code, handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code));
  sqlite3_busy_timeout(handle, patience_ms);
}

void Database::run(const char* sql) {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    throw DatabaseError(sqlite3_extended_errcode(handle_.get()), sqlite3_errmsg(handle_.get()));
}

int64_t Database::number(const char* sql) const {
  Statement statement(*this, sql);
  return statement.step() ? statement.number(0) : 0;
}

Transaction::Transaction(Database& database) : database_(database) {
  database_.run("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.run("ROLLBACK");
  } catch (const DatabaseError&) {
    // Some failures have rolled back already.
  }
}

void Transaction::commit() {
  database_.run("COMMIT");
  open_ = false;
}

}  // namespace heliu::ledger
