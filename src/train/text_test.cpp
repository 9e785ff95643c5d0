#include "train/text.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/text.h"

namespace heliu::train {
namespace {

// A folder of this test's own, gone with it.
class Text : public testing::Test {
 protected:
  Text() {
    std::string pattern = testing::TempDir() + "heliu-text-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~Text() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name, const std::string& content) {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return folder_ / name;
  }

  std::string read(const std::string& content, int64_t sequence = 1) {
    auto corpus = read_corpus({file("t.txt", content)}, sequence);
    return corpus ? decode(corpus->vocabulary, corpus->ids) : describe(corpus.error());
  }

  std::filesystem::path folder_;
};

TEST_F(Text, FortunesLoseColoursAndSeparators) {
  EXPECT_EQ(
      read("\x1b[32m《静夜思》\x1b[m\n床前明月光\n%\n\x1b[1;33m《春晓》\x1b[m\n春眠不觉晓\n%\n"),
      "《静夜思》\n床前明月光\n\n《春晓》\n春眠不觉晓\n\n");
}

TEST_F(Text, OnlyALineOfOnePercentSignSeparates) {
  EXPECT_EQ(read("100%\n%%\n% \n"), "100%\n%%\n% \n");
}

TEST_F(Text, WindowsFilesReadLikeOthers) {
  EXPECT_EQ(read("\xEF\xBB\xBF"
                 "a\r\n%\r\nb\r\n"),
            "a\n\nb\n");
}

TEST_F(Text, AnUnfinishedEscapeStays) { EXPECT_EQ(read("a\x1b[12"), "a\x1b[12"); }

TEST_F(Text, FilesAreSeparatedLikePieces) {
  auto corpus = read_corpus({file("1", "ab"), file("2", "cd\n")}, 1);

  ASSERT_TRUE(corpus);
  EXPECT_EQ(decode(corpus->vocabulary, corpus->ids), "ab\n\ncd\n");
}

TEST_F(Text, IdsFollowCodePoints) {
  auto corpus = read_corpus({file("t", "诗b诗a\n")}, 1);

  ASSERT_TRUE(corpus);
  EXPECT_EQ(corpus->vocabulary.characters, (std::vector<char32_t>{U'\n', U'a', U'b', U'诗'}));
  EXPECT_EQ(corpus->ids, (std::vector<int32_t>{3, 2, 3, 1, 0}));
}

TEST_F(Text, EncodingIsUndoneByDecoding) {
  Vocabulary vocabulary = vocabulary_of(std::u32string_view(U"春眠不觉晓𠀀a"));

  auto ids = encode(vocabulary, "晓𠀀春a");

  ASSERT_TRUE(ids);
  EXPECT_EQ(decode(vocabulary, *ids), "晓𠀀春a");
}

TEST_F(Text, UnknownCharactersAreTold) {
  auto ids = encode(vocabulary_of(std::u32string_view(U"ab")), "a月");

  ASSERT_FALSE(ids);
  EXPECT_EQ(ids.error().message, "the vocabulary lacks this character: 月");
}

TEST_F(Text, MissingFileIsNamed) {
  auto corpus = read_corpus({"/nowhere/poems"}, 1);

  ASSERT_FALSE(corpus);
  EXPECT_EQ(corpus.error().kind, Error::Kind::not_found);
  EXPECT_EQ(corpus.error().where, "/nowhere/poems");
  EXPECT_FALSE(corpus.error().hint.empty());
}

TEST_F(Text, DirectoryIsNoFile) {
  auto corpus = read_corpus({folder_}, 1);

  ASSERT_FALSE(corpus);
  EXPECT_NE(corpus.error().message.find("this is a directory"), std::string::npos);
}

TEST_F(Text, EmptyFilesAreRefused) {
  EXPECT_NE(read("").find("text file is empty"), std::string::npos);
  EXPECT_NE(read("%\n\x1b[m").find("text file is empty"), std::string::npos);
}

TEST_F(Text, BrokenUtf8IsRefusedWithItsPlaceAndARemedy) {
  auto corpus = read_corpus({file("gb.txt", "ab\nc\xb4\xba\n")}, 1);

  ASSERT_FALSE(corpus);
  EXPECT_EQ(corpus.error().where, (folder_ / "gb.txt").string() + ":2:2");
  EXPECT_NE(corpus.error().hint.find("iconv"), std::string::npos);
}

TEST_F(Text, OneSequenceAndACharacterIsTheLeast) {
  EXPECT_EQ(read("abcde", 4), "abcde");
  EXPECT_NE(read("abcd", 4).find("shorter than one sequence and the character after it, 5: 4"),
            std::string::npos);
}

TEST_F(Text, PoemsOfDebianCarryNoEscapes) {
  std::string path = "/usr/share/games/fortunes/tang300";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "Debian's fortunes-zh is not installed";

  auto corpus = read_corpus({path}, 256);

  ASSERT_TRUE(corpus);
  EXPECT_FALSE(corpus->vocabulary.id(0x1B));
  EXPECT_FALSE(corpus->vocabulary.id(U'%'));
  EXPECT_EQ(decode(corpus->vocabulary, std::span(corpus->ids).first(8)), "《感遇・其一》\n");
}

}  // namespace
}  // namespace heliu::train
