#include "train/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/check.h"
#include "base/text.h"

namespace heliu::train {
namespace {

constexpr uintmax_t largest_file = uintmax_t{1} << 30;

tl::unexpected<Error> bad_file(std::string message, const std::string& path, std::string hint) {
  return fail(Error{.kind = Error::Kind::bad_input,
                    .message = std::move(message),
                    .where = path,
                    .hint = std::move(hint)});
}

Result<std::string> read_file(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::exists(path, error))
    return fail(Error{.kind = Error::Kind::not_found,
                      .message = "there is no text file of this name",
                      .where = path,
                      .hint = "paths are seen from the folder the program was started in"});
  if (fs::is_directory(path, error))
    return bad_file("this is a directory, not a text file", path, "name the files in it");
  if (fs::file_size(path, error) > largest_file && !error)
    return bad_file("text file is larger than 1 GiB", path, "train on a part of it");
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (file.bad() || !file.is_open())
    return bad_file("text file cannot be read", path, "check its permissions");
  return std::move(text).str();
}

Result<std::vector<char32_t>> read_characters(const std::string& path) {
  auto text = read_file(path);
  if (!text) return tl::unexpected(std::move(text.error()));
  auto characters = decode_utf8({path, *text});
  if (!characters) return tl::unexpected(std::move(characters.error()));
  auto clean = cleaned(*characters);
  if (clean.empty()) return bad_file("text file is empty", path, "it needs text to learn from");
  return clean;
}

// The place behind a control sequence that begins at `at` (ECMA-48, 5.4), or `at` if none does.
size_t behind_control_sequence(std::span<const char32_t> text, size_t at) {
  if (text[at] != 0x1B || at + 1 >= text.size() || text[at + 1] != '[') return at;
  size_t end = at + 2;
  while (end < text.size() && text[end] >= 0x20 && text[end] <= 0x3F) ++end;
  bool final = end < text.size() && text[end] >= 0x40 && text[end] <= 0x7E;
  return final ? end + 1 : at;
}

std::vector<char32_t> without_control(std::span<const char32_t> text) {
  std::vector<char32_t> kept;
  kept.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    if (size_t behind = behind_control_sequence(text, at); behind != at) {
      at = behind;
      continue;
    }
    bool mark = at == 0 && text[at] == 0xFEFF;
    if (text[at] != '\r' && !mark) kept.push_back(text[at]);
    ++at;
  }
  return kept;
}

// Ends a piece with an empty line, if it has any text.
void separate(std::vector<char32_t>& text) {
  if (text.empty()) return;
  if (text.back() != '\n') text.push_back('\n');
  if (text.size() < 2 || text[text.size() - 2] != '\n') text.push_back('\n');
}

}  // namespace

std::optional<int32_t> Vocabulary::id(char32_t character) const {
  auto place = std::lower_bound(characters.begin(), characters.end(), character);
  if (place == characters.end() || *place != character) return std::nullopt;
  return int32_t(place - characters.begin());
}

std::vector<char32_t> cleaned(std::span<const char32_t> characters) {
  std::vector<char32_t> text = without_control(characters), lines;
  lines.reserve(text.size());
  for (auto line = text.begin(); line != text.end();) {
    auto end = std::find(line, text.end(), U'\n');
    bool separator = end - line == 1 && *line == U'%';
    if (separator) separate(lines);
    auto next = end == text.end() ? end : end + 1;
    if (!separator) lines.insert(lines.end(), line, next);
    line = next;
  }
  return lines;
}

Vocabulary vocabulary_of(std::span<const char32_t> characters) {
  Vocabulary vocabulary{{characters.begin(), characters.end()}};
  auto& all = vocabulary.characters;
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return vocabulary;
}

Result<Corpus> read_corpus(const std::vector<std::string>& paths, int64_t sequence) {
  std::vector<char32_t> text;
  for (const std::string& path : paths) {
    auto characters = read_characters(path);
    if (!characters)
      return tl::unexpected(std::move(characters.error()).during("reading the text"));
    separate(text);
    text.insert(text.end(), characters->begin(), characters->end());
  }
  if (int64_t(text.size()) < sequence + 1)
    return bad_file(
        fmt::format("text is shorter than one sequence and the character after it, {}: {}",
                    sequence + 1, text.size()),
        paths.empty() ? "" : paths.front(), "add text, or make the sequence shorter");
  Corpus corpus{vocabulary_of(text), {}};
  corpus.ids.reserve(text.size());
  for (char32_t character : text) corpus.ids.push_back(*corpus.vocabulary.id(character));
  return corpus;
}

Result<std::vector<int32_t>> encode(const Vocabulary& vocabulary, const std::string& text) {
  auto characters = decode_utf8({"text", text});
  if (!characters) return tl::unexpected(std::move(characters.error()));
  std::vector<int32_t> ids;
  for (char32_t character : *characters) {
    auto id = vocabulary.id(character);
    if (!id)
      return fail(Error::Kind::bad_input,
                  fmt::format("the vocabulary lacks this character: {}", encode_utf8(character)));
    ids.push_back(*id);
  }
  return ids;
}

std::string decode(const Vocabulary& vocabulary, std::span<const int32_t> ids) {
  std::string text;
  for (int32_t id : ids) {
    HELIU_CHECK(id >= 0 && id < vocabulary.size());
    text += encode_utf8(vocabulary.characters[size_t(id)]);
  }
  return text;
}

}  // namespace heliu::train
