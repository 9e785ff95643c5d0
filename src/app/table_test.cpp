#include "app/table.h"

#include <gtest/gtest.h>

namespace heliu::app {
namespace {

TEST(Table, NumbersStandRightWordsLeft) {
  Table table({"name", "count"});
  table.row({"a", "5"});
  table.row({"long", "123456"});

  EXPECT_EQ(table.print(""), "name   count\na          5\nlong  123456\n");
}

TEST(Table, ChineseTakesTwoColumns) {
  Table table({"名", "x"});
  table.row({"单步时间", "y"});

  EXPECT_EQ(table.print(""), "名        x\n单步时间  y\n");
}

}  // namespace
}  // namespace heliu::app
