// A SQLite database with an owner, and statements that are bound, stepped and finished in one
// scope.
//
// What goes wrong is thrown as DatabaseError; the ledger turns it into an Error at its door.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace heliu::ledger {

class DatabaseError : public std::runtime_error {
 public:
  DatabaseError(int code, const std::string& message) : std::runtime_error(message), code_(code) {}
  int code() const { return code_; }  // SQLite's, extended

 private:
  int code_;
};

class Database;

// Values are bound to ?1, ?2, ... and columns read from 0.
class Statement {
 public:
  Statement(const Database& database, std::string_view sql);

  Statement& bind(int index, std::string_view text);
  Statement& bind(int index, int64_t number);
  Statement& bind(int index, double number);

  bool step();  // true: a row is there to be read
  void run();   // to its end, once; ready to be bound again
  void reset();

  std::string text(int column) const;
  int64_t number(int column) const;
  double real(int column) const;

 private:
  void check(int code) const;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  // Opens or creates the file. Writers of other processes are waited for, up to `patience_ms`.
  Database(const std::string& path, int patience_ms);

  void run(const char* sql);  // one or more statements without results
  int64_t number(const char* sql) const;

 private:
  friend class Statement;
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

// All or nothing: rolls back unless commit() was reached. Takes the write lock at once, so that two
// writers queue up instead of failing half-way.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace heliu::ledger
