#include "base/text.h"

#include <fmt/core.h>

#include <algorithm>

namespace heliu {
namespace {

// One character starting at text[at], or nothing where the bytes are no UTF-8 (Unicode 15, table
// 3-7).
std::optional<char32_t> character_at(std::string_view text, size_t at, size_t& length) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[at + i]); };
  unsigned char lead = byte(0);
  length = lead < 0x80                    ? 1
           : lead >= 0xC2 && lead <= 0xDF ? 2
           : lead >= 0xE0 && lead <= 0xEF ? 3
           : lead >= 0xF0 && lead <= 0xF4 ? 4
                                          : 0;
  if (length == 0 || at + length > text.size()) return std::nullopt;
  if (length == 1) return lead;
  char32_t code = lead & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
    code = (code << 6) | (byte(i) & 0x3Fu);
  }
  bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (overlong || surrogate || code > 0x10FFFF) return std::nullopt;
  return code;
}

struct Range {
  char32_t first, last;
};

// UAX #11 classes W and F, merged to the blocks that matter in a terminal.
constexpr Range wide[] = {
    {0x1100, 0x115F}, {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},
    {0x4E00, 0x9FFF}, {0xA000, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF}, {0xFE10, 0xFE19},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
constexpr Range combining[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x20D0, 0x20FF},
                               {0x200B, 0x200F}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};

bool within(char32_t code, const Range* first, const Range* last) {
  return std::any_of(first, last,
                     [&](const Range& range) { return code >= range.first && code <= range.last; });
}

// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i)
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      size_t replace = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replace});
      bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  return cost[a.size()][b.size()];
}

}  // namespace

std::string SourceText::at(Mark mark) const {
  return mark.line == 0 ? name : fmt::format("{}:{}:{}", name, mark.line, mark.column);
}

std::string SourceText::excerpt(Mark mark) const {
  if (mark.line == 0) return {};
  std::vector<std::string> lines = split(text, '\n');
  if (size_t(mark.line) > lines.size()) return {};
  std::string line = lines[size_t(mark.line) - 1];
  if (!line.empty() && line.back() == '\r') line.pop_back();
  // The caret stands under the character, so wide characters before it push it two columns.
  std::string before;
  size_t at = 0, length = 0;
  for (int column = 1; column < mark.column && at < line.size();
       ++column, at += std::max<size_t>(length, 1)) {
    auto character = character_at(line, at, length);
    int columns = character ? display_width(line.substr(at, length)) : 1;
    before += line[at] == '\t' ? "\t" : std::string(size_t(columns), ' ');
  }
  return fmt::format("  {}\n  {}^", line, before);
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  size_t start = 0;
  for (size_t end; (end = text.find(separator, start)) != std::string_view::npos; start = end + 1)
    parts.emplace_back(text.substr(start, end - start));
  parts.emplace_back(text.substr(start));
  return parts;
}

std::optional<std::string> did_you_mean(std::string_view word,
                                        const std::vector<std::string>& candidates) {
  std::optional<std::string> best;
  size_t nearest = std::max<size_t>(1, word.size() / 3) + 1;
  if (word.size() > 64) return best;  // nobody meant that
  for (const std::string& candidate : candidates)
    if (size_t distance = edit_distance(word, candidate); distance < nearest)
      nearest = distance, best = candidate;
  return best;
}

Result<std::vector<char32_t>> decode_utf8(const SourceText& source) {
  std::vector<char32_t> characters;
  characters.reserve(source.text.size());
  Mark mark{1, 1};
  for (size_t at = 0, length = 0; at < source.text.size(); at += length) {
    auto character = character_at(source.text, at, length);
    if (!character)
      return fail({.kind = Error::Kind::bad_input,
                   .message = fmt::format("not UTF-8: byte 0x{:02x} at offset {}",
                                          static_cast<unsigned char>(source.text[at]), at),
                   .where = source.at(mark),
                   .hint = "convert the file first, e.g. iconv -f GB18030 -t UTF-8"});
    characters.push_back(*character);
    mark = *character == U'\n' ? Mark{mark.line + 1, 1} : Mark{mark.line, mark.column + 1};
  }
  return characters;
}

std::string encode_utf8(char32_t c) {
  auto byte = [](char32_t value) { return static_cast<char>(static_cast<unsigned char>(value)); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xC0 | (c >> 6)), byte(0x80 | (c & 0x3F))};
  if (c < 0x10000)
    return {byte(0xE0 | (c >> 12)), byte(0x80 | ((c >> 6) & 0x3F)), byte(0x80 | (c & 0x3F))};
  return {byte(0xF0 | (c >> 18)), byte(0x80 | ((c >> 12) & 0x3F)), byte(0x80 | ((c >> 6) & 0x3F)),
          byte(0x80 | (c & 0x3F))};
}

int display_width(std::string_view text) {
  int width = 0;
  for (size_t at = 0, length = 0; at < text.size(); at += std::max<size_t>(length, 1)) {
    auto character = character_at(text, at, length);
    if (!character)
      width += 1;
    else if (within(*character, std::begin(combining), std::end(combining)))
      width += 0;
    else
      width += within(*character, std::begin(wide), std::end(wide)) ? 2 : 1;
  }
  return width;
}

}  // namespace heliu
