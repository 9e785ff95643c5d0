#include "cost/phrase.h"

#include <algorithm>

namespace heliu::cost {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Of digits, however many.
int64_t number(std::string_view digits) {
  int64_t value = 0;
  for (char c : digits) value = std::min<int64_t>(1'000'000'000, 10 * value + (c - '0'));
  return value;
}

}  // namespace

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
  return text;
}

bool mentions(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

int64_t number_after(std::string_view text, std::string_view words, int64_t standard) {
  for (size_t at = text.find(words); at != text.npos; at = text.find(words, at + 1)) {
    size_t begin = at + words.size(), end = begin;
    while (end < text.size() && is_digit(text[end])) ++end;
    if (end > begin) return number(text.substr(begin, end - begin));
  }
  return standard;
}

int64_t number_before(std::string_view text, std::string_view words, int64_t standard) {
  for (size_t at = text.find(words); at != text.npos; at = text.find(words, at + 1)) {
    size_t begin = at;
    while (begin > 0 && is_digit(text[begin - 1])) --begin;
    if (begin < at) return number(text.substr(begin, at - begin));
  }
  return standard;
}

}  // namespace heliu::cost
