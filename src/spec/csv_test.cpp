#include "spec/csv.h"

#include <gtest/gtest.h>

namespace heliu {
namespace {

using Fields = std::vector<std::string>;

std::vector<CsvRow> read(const std::string& text) {
  auto rows = read_csv({"t.csv", text});
  EXPECT_TRUE(rows) << describe(rows.error());
  return rows ? *rows : std::vector<CsvRow>{};
}

Error error_of(const std::string& text) {
  auto rows = read_csv({"t.csv", text});
  EXPECT_FALSE(rows);
  return rows ? Error{} : rows.error();
}

TEST(Csv, SplitsLinesAtCommas) {
  auto rows = read("a,b\n1,\n,2\n");

  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].fields, (Fields{"a", "b"}));
  EXPECT_EQ(rows[1].fields, (Fields{"1", ""}));
  EXPECT_EQ(rows[2].fields, (Fields{"", "2"}));
}

TEST(Csv, LetsQuotedFieldsHoldCommasQuotesAndNewlines) {
  auto rows = read("\"a,b\",\"say \"\"so\"\"\",\"two\nlines\"\nnext,x,y\n");

  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].fields, (Fields{"a,b", "say \"so\"", "two\nlines"}));
  EXPECT_EQ(rows[1].line, 3);
}

TEST(Csv, ReadsLinesEndedAsOnWindows) {
  auto rows = read("a,b\r\n1,\"2\"\r\n");

  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1].fields, (Fields{"1", "2"}));
  EXPECT_EQ(rows[1].line, 2);
}

TEST(Csv, PassesOverAByteOrderMark) {
  EXPECT_EQ(read("\xEF\xBB\xBF"
                 "a,b\n")[0]
                .fields,
            (Fields{"a", "b"}));
}

TEST(Csv, NeedsNoNewlineAtItsEnd) {
  EXPECT_EQ(read("a,b\n1,2")[1].fields, (Fields{"1", "2"}));
  EXPECT_EQ(read("a,b\n1,")[1].fields, (Fields{"1", ""}));
}

TEST(Csv, LeavesOutBlankLinesButCountsThem) {
  auto rows = read("a\n\n\r\nb\n");

  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1].line, 4);
  EXPECT_TRUE(read("").empty());
}

TEST(Csv, RefusesAQuoteThatNeverEnds) {
  Error error = error_of("a\n\"b\nc\n");

  EXPECT_EQ(error.kind, Error::Kind::bad_input);
  EXPECT_EQ(error.message, "a quote that never ends");
  EXPECT_EQ(error.where, "t.csv:2");
}

TEST(Csv, RefusesTextAfterAClosingQuote) {
  Error error = error_of("a\n\"b\"c\n");

  EXPECT_EQ(error.message, "text after a closing quote");
  EXPECT_EQ(error.where, "t.csv:2");
}

}  // namespace
}  // namespace heliu
