#include "base/error.h"

#include <gtest/gtest.h>

#include "base/check.h"

namespace heliu {
namespace {

TEST(Error, ReadsAsPlaceMessageCodeExcerptHint) {
  Error error{.kind = Error::Kind::bad_input,
              .message = "layers must be at least 1: 0",
              .where = "w.yaml:3:11",
              .hint = "write 1 or more",
              .code = "HL-E0105",
              .excerpt = "  layers: 0\n          ^"};

  EXPECT_EQ(describe(error),
            "w.yaml:3:11: error: layers must be at least 1: 0 [HL-E0105]\n  layers: 0\n          "
            "^\n  hint: write 1 or more");
}

TEST(Error, SaysWhatWasGoingOn) {
  Error error = Error{.message = "no such file"}.during("reading the pool");

  EXPECT_EQ(error.message, "reading the pool: no such file");
}

TEST(Error, CarriesTheFaultsFoundBesideIt) {
  Error error{.message = "first", .more = {{.message = "second"}}};

  EXPECT_EQ(describe(error), "error: first\nerror: second");
}

TEST(Check, ThrowsABugThatNamesTheCondition) {
  try {
    HELIU_CHECK(1 > 2);
    FAIL();
  } catch (const Bug& bug) {
    EXPECT_NE(std::string(bug.what()).find("1 > 2"), std::string::npos);
  }
}

}  // namespace
}  // namespace heliu
