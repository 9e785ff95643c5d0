// Text as people write it: UTF-8, words, and places in a file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace heliu {

// A place in a text, counted from 1; columns count characters, not bytes. Line 0: no place known.
struct Mark {
  int line = 0;
  int column = 0;
};

// A file's text with its name, for errors that point into it.
struct SourceText {
  std::string name;
  std::string text;

  std::string at(Mark mark) const;       // "pool.yaml:12:7"
  std::string excerpt(Mark mark) const;  // the line and a caret below it; empty without a place
};

std::string_view trim(std::string_view text);
std::vector<std::string> split(std::string_view text, char separator);

// The candidate nearest to `word` by edit distance, if it is near enough to be what was meant.
std::optional<std::string> did_you_mean(std::string_view word,
                                        const std::vector<std::string>& candidates);

// The characters of a UTF-8 text. Fails on the first broken, overlong or surrogate sequence and
// says at which line and column it stands.
Result<std::vector<char32_t>> decode_utf8(const SourceText& source);
std::string encode_utf8(char32_t character);

// Columns of a terminal that the text takes: East-Asian wide characters count two (UAX #11),
// combining marks none.
int display_width(std::string_view text);

}  // namespace heliu
