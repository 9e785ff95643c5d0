#include "exchange/shell_words.h"

#include <cctype>
#include <map>
#include <optional>

namespace heliu::exchange {
namespace {

constexpr size_t longest = size_t(1) << 20;

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Lexer {
 public:
  explicit Lexer(const SourceText& script) : script_(script), text_(script.text) {}

  Result<std::vector<Word>> words() {
    while (at_ < text_.size() && !fault_) step();
    if (fault_) return fail(std::move(*fault_));
    finish();
    return std::move(words_);
  }

 private:
  char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  char take() {
    char c = text_[at_++];
    if (c == '\n')
      here_ = {here_.line + 1, 1};
    else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80)
      ++here_.column;
    return c;
  }

  void refuse(const char* code, std::string message, Mark mark) {
    fault_ = Error{.kind = Error::Kind::bad_input,
                   .message = std::move(message),
                   .where = script_.at(mark),
                   .code = code,
                   .excerpt = script_.excerpt(mark)};
  }

  void begin() { begin_at(here_); }
  void begin_at(Mark mark) {
    if (!open_) word_ = {"", mark};
    open_ = true;
  }

  void append(const std::string& piece) {
    begin();
    word_.text += piece;
    grown_ += piece.size();
    if (grown_ > 16 * longest) refuse("HL-E0109", "the script's variables grow too far", here_);
  }

  void step() {
    char c = peek();
    if (is_blank(c) || std::string_view("();|&<>").find(c) != std::string_view::npos) {
      finish();
      take();
    } else if (c == '#' && !open_) {
      while (at_ < text_.size() && peek() != '\n') take();
    } else if (c == '\\') {
      escape();
    } else if (c == '\'' || c == '"') {
      quoted(c);
    } else if (c == '$') {
      variable(false);
    } else {
      begin();
      append(std::string(1, take()));
    }
  }

  void escape() {
    take();
    if (peek() == '\r' && peek(1) == '\n') take();
    if (peek() == '\n') {
      take();
    } else if (at_ < text_.size()) {
      append(std::string(1, take()));
    }
  }

  void quoted(char quote) {
    Mark start = here_;
    begin();
    take();
    while (at_ < text_.size() && peek() != quote && !fault_)
      if (quote == '"' && peek() == '\\')
        escape();
      else if (quote == '"' && peek() == '$')
        variable(true);
      else
        append(std::string(1, take()));
    if (at_ < text_.size())
      take();
    else if (!fault_)
      refuse("HL-E0101", "the quote does not end", start);
  }

  // $NAME, ${NAME} or ${NAME:-default}; anything else is taken as it stands.
  void variable(bool in_quotes) {
    Mark start = here_;
    std::string written(1, take()), name, standard;
    bool braces = peek() == '{';
    if (braces) written += take();
    while (is_name(peek())) name += take();
    written += name;
    bool closed = !braces;
    if (braces && peek() == ':' && peek(1) == '-')
      while (at_ < text_.size() && peek() != '}' && peek() != '\n') standard += take();
    written += standard;
    if (braces && peek() == '}') {
      written += take();
      closed = true;
    }
    auto known = variables_.find(name);
    bool unset = known == variables_.end();
    if (!closed || name.empty() || (unset && standard.empty())) {
      begin_at(start);
      return append(written);
    }
    std::string value = unset ? standard.substr(2) : known->second;
    in_quotes ? append(value) : spread(value, start);
  }

  // Outside quotes, a value's blanks part words; within an assignment they do not.
  void spread(const std::string& value, Mark start) {
    if (assigned_name()) return append(value);
    for (char c : value) {
      if (is_blank(c)) {
        finish();
        continue;
      }
      begin_at(start);
      append(std::string(1, c));
    }
  }

  // Where the open word is NAME=..., the length of NAME.
  std::optional<size_t> assigned_name() const {
    size_t end = 0;
    while (end < word_.text.size() && is_name(word_.text[end])) ++end;
    bool named = open_ && end > 0 && end < word_.text.size() && word_.text[end] == '=';
    return named && !std::isdigit(static_cast<unsigned char>(word_.text[0])) ? std::optional(end)
                                                                             : std::nullopt;
  }

  void finish() {
    if (auto name = assigned_name())
      set(word_.text.substr(0, *name), word_.text.substr(*name + 1));
    else if (open_)
      words_.push_back(std::move(word_));
    open_ = false;
    word_ = {};
  }

  void set(const std::string& name, std::string value) {
    if (value.size() > longest)
      refuse("HL-E0109", "the value of " + name + " grows too far", word_.mark);
    else
      variables_[name] = std::move(value);
  }

  const SourceText& script_;
  const std::string& text_;
  size_t at_ = 0;
  Mark here_{1, 1};
  bool open_ = false;  // a word has begun, be it empty
  Word word_;
  size_t grown_ = 0;
  std::vector<Word> words_;
  std::map<std::string, std::string> variables_;
  std::optional<Error> fault_;
};

}  // namespace

Result<std::vector<Word>> shell_words(const SourceText& script) { return Lexer(script).words(); }

}  // namespace heliu::exchange
