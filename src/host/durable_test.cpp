#include "host/durable.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace heliu::host {
namespace {

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Durable : public testing::Test {
 protected:
  Durable() {
    std::string pattern = testing::TempDir() + "heliu-durable-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~Durable() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};

TEST_F(Durable, BlocksLieOneBehindTheOther) {
  ASSERT_TRUE(write_durably(folder_ / "a", {bytes("one "), bytes(""), bytes("two")}));

  EXPECT_EQ(content(folder_ / "a"), "one two");
}

TEST_F(Durable, AFileIsNotWrittenOver) {
  ASSERT_TRUE(write_durably(folder_ / "a", {bytes("one")}));

  auto again = write_durably(folder_ / "a", {bytes("two")});

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message, "cannot create: File exists");
  EXPECT_EQ(content(folder_ / "a"), "one");
}

TEST_F(Durable, RenamingOntoATakenNameExchangesTheTwo) {
  for (const char* name : {"a", "b"}) {
    std::filesystem::create_directory(folder_ / name);
    ASSERT_TRUE(write_durably(folder_ / name / "file", {bytes(name)}));
  }

  ASSERT_TRUE(rename_durably(folder_ / "a", folder_ / "b"));

  EXPECT_EQ(content(folder_ / "b" / "file"), "a");
  EXPECT_EQ(content(folder_ / "a" / "file"), "b");
}

TEST_F(Durable, WhatIsNotThereCannotBeRenamed) {
  EXPECT_FALSE(rename_durably(folder_ / "a", folder_ / "b"));
}

}  // namespace
}  // namespace heliu::host
