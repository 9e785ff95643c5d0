#include "exchange/json_place.h"

namespace heliu::exchange {
namespace {

// Behind the quote that ends the string beginning at `at`.
size_t behind_string(const std::string& text, size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at)
    if (text[at] == '\\') ++at;
  return at + 1;
}

// The key's opening quote among the direct keys of the object whose brace stands at `open`.
size_t find_key(const std::string& text, size_t open, const std::string& key) {
  int depth = 0;
  for (size_t at = open; at < text.size();) {
    char c = text[at];
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) break;
    if (c != '"') {
      ++at;
      continue;
    }
    size_t end = behind_string(text, at);
    size_t after = text.find_first_not_of(" \t\r\n", end);
    bool is_key = after != std::string::npos && text[after] == ':';
    if (depth == 1 && is_key && text.compare(at + 1, end - at - 2, key) == 0) return at;
    at = end;
  }
  return std::string::npos;
}

Mark mark_at(const std::string& text, size_t position) {
  Mark mark{1, 1};
  for (size_t at = 0; at < position && at < text.size(); ++at)
    if (text[at] == '\n')
      mark = {mark.line + 1, 1};
    else if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80)
      ++mark.column;
  return mark;
}

}  // namespace

Mark place_of(const SourceText& source, const std::vector<std::string>& path) {
  const std::string& text = source.text;
  size_t found = text.find('{'), open = found;
  for (const std::string& key : path) {
    if (open == std::string::npos) break;
    size_t at = find_key(text, open, key);
    if (at == std::string::npos) break;
    found = at;
    open = text.find_first_not_of(" \t\r\n:", behind_string(text, at));
    if (open != std::string::npos && text[open] != '{') open = std::string::npos;
  }
  return found == std::string::npos ? Mark{} : mark_at(text, found);
}

}  // namespace heliu::exchange
