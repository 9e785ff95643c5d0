// Text as training data: files become characters, characters become numbers.
//
// What a fortune file carries for its reader and not for a model goes: colour codes (ESC [ ... m)
// are dropped, and a line of a single '%', which ends a piece, becomes an empty line. So do the
// ends of files. Carriage returns and a byte order mark are dropped too. All text is held in
// memory; files are at most 1 GiB.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"

namespace heliu::train {

// The characters that occur, by code point; a character's id is its place. The same characters give
// the same vocabulary, whatever their order and number in the text.
struct Vocabulary {
  std::vector<char32_t> characters;

  int64_t size() const { return int64_t(characters.size()); }
  std::optional<int32_t> id(char32_t character) const;
};

struct Corpus {
  Vocabulary vocabulary;
  std::vector<int32_t> ids;
};

// Reads the files one behind the other. Fails where one is missing, a directory, empty, too large
// or broken UTF-8 (with line and column), and where all are shorter than `sequence` + 1 characters.
Result<Corpus> read_corpus(const std::vector<std::string>& paths, int64_t sequence);

// The text without what the heading of this file names.
std::vector<char32_t> cleaned(std::span<const char32_t> characters);

Vocabulary vocabulary_of(std::span<const char32_t> characters);

// Fails on the first character that the vocabulary lacks.
Result<std::vector<int32_t>> encode(const Vocabulary& vocabulary, const std::string& text);

std::string decode(const Vocabulary& vocabulary, std::span<const int32_t> ids);

}  // namespace heliu::train
