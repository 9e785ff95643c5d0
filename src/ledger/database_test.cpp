#include "ledger/database.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>

namespace heliu::ledger {
namespace {

class DatabaseTest : public testing::Test {
 protected:
  std::string path = testing::TempDir() + "heliu_database_" + std::to_string(getpid()) + ".db";
  Database database{path, 1000};

  ~DatabaseTest() override {
    for (auto end : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(path + end);
  }
};

TEST_F(DatabaseTest, ReadsBackWhatWasBound) {
  database.run("CREATE TABLE t(a TEXT, b INTEGER, c REAL)");
  std::string text("zero \0 inside, 合流", 21);
  Statement(database, "INSERT INTO t VALUES(?1, ?2, ?3)")
      .bind(1, text)
      .bind(2, int64_t(1) << 60)
      .bind(3, 0.1)
      .run();

  Statement query(database, "SELECT a, b, c FROM t");

  ASSERT_TRUE(query.step());
  EXPECT_EQ(query.text(0), text);
  EXPECT_EQ(query.number(1), int64_t(1) << 60);
  EXPECT_EQ(query.real(2), 0.1);
  EXPECT_FALSE(query.step());
}

TEST_F(DatabaseTest, RollsBackWhatWasNotCommitted) {
  database.run("CREATE TABLE t(a INTEGER)");
  {
    Transaction abandoned(database);
    database.run("INSERT INTO t VALUES(1)");
  }
  Transaction kept(database);
  database.run("INSERT INTO t VALUES(2)");
  kept.commit();

  EXPECT_EQ(database.number("SELECT sum(a) FROM t"), 2);
}

TEST_F(DatabaseTest, ThrowsWhatSqliteSays) {
  try {
    database.run("SELECT * FROM nowhere");
    FAIL();
  } catch (const DatabaseError& fault) {
    EXPECT_STREQ(fault.what(), "no such table: nowhere");
    EXPECT_EQ(fault.code(), 1);
  }
}

}  // namespace
}  // namespace heliu::ledger
