#include "spec/name.h"

#include <gtest/gtest.h>

namespace heliu {
namespace {

TEST(Name, PrintsAsItWasParsed) {
  for (const char* text : {"guian", "guian/h800", "guian/h800/n[001-128]/gpu[0-7]", "host/cpu",
                           "a/b/n[1-3,7]-ib", "贵安/h800/n007"}) {
    auto resource = parse_name(text);
    ASSERT_TRUE(resource) << text;
    EXPECT_EQ(print(*resource), text);
  }
}

TEST(Name, TheSchemeIsOptional) {
  EXPECT_EQ(*parse_name("heliu:guian/h800"), *parse_name("guian/h800"));
}

TEST(Name, ARangeKeepsItsWidth) {
  EXPECT_EQ(*expand(*parse_name("g/h/n[008-010]")),
            (std::vector<std::string>{"g/h/n008", "g/h/n009", "g/h/n010"}));
}

TEST(Name, RangesMultiply) {
  auto resource = parse_name("g/h/n[1-2]/gpu[0-7]");

  EXPECT_EQ(count(*resource), 16);
  EXPECT_EQ(expand(*resource)->back(), "g/h/n2/gpu7");
}

TEST(Name, AHugeRangeIsCountedNotExpanded) {
  auto resource = parse_name("g/h/n[0-999999999999]/d[0-999999999999]");

  EXPECT_EQ(count(*resource), INT64_MAX);
  EXPECT_FALSE(expand(*resource));
}

TEST(Name, CoversItsMembersAndWhatLiesBelow) {
  auto resource = parse_name("g/h/n[001-128]");

  EXPECT_TRUE(covers(*resource, *parse_name("g/h/n007")));
  EXPECT_TRUE(covers(*resource, *parse_name("g/h/n007/gpu3")));
  EXPECT_FALSE(covers(*resource, *parse_name("g/h/n7")));
  EXPECT_FALSE(covers(*resource, *parse_name("g/h/n129")));
  EXPECT_FALSE(covers(*resource, *parse_name("g/h")));
}

TEST(Name, NonsenseIsRefused) {
  for (const char* text : {"", "a//b", "a/b/c/d/e", "n[", "n]1[", "n[3-1]", "n[a-b]", "n[-1]",
                           "n[1-99999999999999999999]", "a b", "a/"})
    EXPECT_FALSE(parse_name(text)) << text;
}

}  // namespace
}  // namespace heliu
