#include "exchange/layer_pattern.h"

#include <cctype>

namespace heliu::exchange {
namespace {

constexpr size_t most_items = 100'000;
constexpr size_t most_copies = 1'000'000;  // of items, in one text
constexpr int deepest = 32;

class Pattern {
 public:
  explicit Pattern(const std::string& text) {
    for (char c : text)
      if (!std::isspace(static_cast<unsigned char>(c))) text_ += c;
  }
  bool at_end() const { return at_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  bool take(char c) {
    if (peek() != c || at_end()) return false;
    ++at_;
    return true;
  }
  char next() { return text_[at_++]; }

  std::optional<size_t> number() {
    size_t value = 0, digits = 0;
    for (; std::isdigit(static_cast<unsigned char>(peek())); ++digits)
      value = std::min(most_items + 1, value * 10 + size_t(next() - '0'));
    return digits ? std::optional(value) : std::nullopt;
  }

  size_t copies_left = most_copies;

 private:
  std::string text_;
  size_t at_ = 0;
};

// `times` copies of what stands from `start` on.
template <class List>
bool repeat(Pattern& p, List& list, size_t start, size_t times) {
  List piece(list.begin() + std::ptrdiff_t(start), list.end());
  size_t copies = piece.size() * times + 1;
  if (start + copies > most_items || copies > p.copies_left) return false;
  p.copies_left -= copies;
  list.resize(start);
  for (size_t i = 0; i < times; ++i) list.insert(list.end(), piece.begin(), piece.end());
  return true;
}

bool read_sum(Pattern& p, std::vector<int>& list, int depth);

bool read_items(Pattern& p, std::vector<int>& list) {
  do {
    auto value = p.number();
    if (!value) return false;
    list.push_back(int(*value));
  } while (p.take(','));
  return p.take(']');
}

bool read_product(Pattern& p, std::vector<int>& list, int depth) {
  size_t start = list.size();
  bool read = p.take('[')   ? read_items(p, list)
              : p.take('(') ? read_sum(p, list, depth + 1) && p.take(')')
                            : false;
  while (read && p.take('*')) {
    auto times = p.number();
    read = times && repeat(p, list, start, *times);
  }
  return read;
}

bool read_sum(Pattern& p, std::vector<int>& list, int depth) {
  if (depth > deepest) return false;
  do
    if (!read_product(p, list, depth)) return false;
  while (p.take('+'));
  return true;
}

// Letters and bars up to the end or a closing bracket.
bool read_stages(Pattern& p, std::string& stages, int depth) {
  if (depth > deepest) return false;
  while (!p.at_end() && p.peek() != ')') {
    size_t start = stages.size();
    if (p.take(',')) continue;
    if (p.take('(')) {
      if (!read_stages(p, stages, depth + 1) || !p.take(')')) return false;
    } else if (std::string_view("EtmL|").find(p.peek()) != std::string_view::npos) {
      stages += p.next();
    } else {
      return false;
    }
    if (!p.take('*')) continue;
    auto times = p.number();
    if (!times || !repeat(p, stages, start, *times)) return false;
  }
  return stages.size() <= most_items;
}

}  // namespace

std::optional<std::vector<int>> list_expression(const std::string& text) {
  Pattern pattern(text);
  std::vector<int> list;
  if (!read_sum(pattern, list, 0) || !pattern.at_end()) return {};
  return list;
}

std::optional<std::string> pipeline_layout(const std::string& text) {
  Pattern pattern(text);
  std::string stages;
  if (!read_stages(pattern, stages, 0) || !pattern.at_end() || stages.empty()) return {};
  return stages;
}

}  // namespace heliu::exchange
