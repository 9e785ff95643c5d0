#include "base/text.h"

#include <gtest/gtest.h>

namespace heliu {
namespace {

TEST(Text, CaretStandsUnderTheCharacterAlsoAfterWideOnes) {
  SourceText source{"w.yaml", "名字: 诗\n"};

  EXPECT_EQ(source.at({1, 5}), "w.yaml:1:5");
  EXPECT_EQ(source.excerpt({1, 5}), "  名字: 诗\n        ^");
}

TEST(Text, DecodesEveryLengthOfUtf8) {
  auto characters = decode_utf8({"t", "aé诗𠀀"});

  ASSERT_TRUE(characters);
  EXPECT_EQ(*characters, (std::vector<char32_t>{U'a', U'é', U'诗', U'𠀀'}));
}

TEST(Text, EncodingUndoesDecoding) {
  for (char32_t c : {U'a', U'é', U'诗', U'𠀀'})
    EXPECT_EQ(decode_utf8({"t", encode_utf8(c)})->at(0), c);
}

TEST(Text, BrokenUtf8IsRefusedWithItsPlace) {
  for (std::string bad : {"\xff", "\xc0\x80", "\xe8\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    auto characters = decode_utf8({"t.txt", "ab\nc" + bad});

    ASSERT_FALSE(characters);
    EXPECT_EQ(characters.error().where, "t.txt:2:2");
  }
}

TEST(Text, SuggestsOnlyWhatIsNear) {
  std::vector<std::string> fields{"layers", "hidden", "heads"};

  EXPECT_EQ(did_you_mean("layer", fields), "layers");
  EXPECT_EQ(did_you_mean("haeds", fields), "heads");
  EXPECT_EQ(did_you_mean("optimizer", fields), std::nullopt);
}

TEST(Text, EastAsianCharactersTakeTwoColumns) {
  EXPECT_EQ(display_width("ab"), 2);
  EXPECT_EQ(display_width("合流"), 4);
  EXPECT_EQ(display_width("，"), 2);
  EXPECT_EQ(display_width("e\u0301"), 1);
}

}  // namespace
}  // namespace heliu
