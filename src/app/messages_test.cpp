#include "app/messages.h"

#include <gtest/gtest.h>

#include <regex>

namespace heliu::app {
namespace {

std::vector<std::string> placeholders(std::string_view text) {
  std::string copy(text);
  std::vector<std::string> found;
  std::regex hole("\\{[^}]*\\}");
  for (std::sregex_iterator it(copy.begin(), copy.end(), hole), end; it != end; ++it)
    found.push_back(it->str());
  return found;
}

TEST(Messages, EveryOneIsThereInBothLanguagesWithTheSamePlaceholders) {
  for (int i = 0; i <= int(Say::export_written); ++i) {
    std::string_view en = pattern(Say(i), Language::en), zh = pattern(Say(i), Language::zh);
    EXPECT_EQ(placeholders(en), placeholders(zh)) << en;
    EXPECT_EQ(en.empty(), zh.empty()) << en;
  }
}

TEST(Messages, TheOptionComesBeforeTheEnvironment) {
  setenv("HELIU_LANG", "zh_CN.UTF-8", 1);

  EXPECT_EQ(language_from(""), Language::zh);
  EXPECT_EQ(language_from("en"), Language::en);
  unsetenv("HELIU_LANG");
}

}  // namespace
}  // namespace heliu::app
