#include "spec/csv.h"

#include <fmt/format.h>

#include <algorithm>

namespace heliu {
namespace {

class CsvReader {
 public:
  explicit CsvReader(const SourceText& source) : source_(source), text_(source.text) {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;  // byte order mark
  }

  Result<std::vector<CsvRow>> read() {
    std::vector<CsvRow> rows;
    while (at_ < text_.size()) {
      CsvRow row{line_, {}};
      do {
        auto field = next_field();
        if (!field) return tl::unexpected(std::move(field.error()));
        row.fields.push_back(std::move(*field));
      } while (take(','));
      end_line();
      if (row.fields.size() > 1 || !row.fields[0].empty()) rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  bool take(char wanted) {
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  void end_line() {
    take('\r');
    if (take('\n')) ++line_;
  }

  Result<std::string> next_field() {
    if (take('"')) return quoted();
    size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
    std::string field(text_.substr(at_, end - at_));
    at_ = end;
    return field;
  }

  Result<std::string> quoted() {
    int begun = line_;
    std::string field;
    while (at_ < text_.size()) {
      char c = text_[at_++];
      if (c == '\n') ++line_;
      if (c != '"') {
        field += c;
      } else if (!take('"')) {
        bool ends =
            at_ >= text_.size() || text_[at_] == ',' || text_[at_] == '\r' || text_[at_] == '\n';
        if (ends) return field;
        return wrong("text after a closing quote", line_);
      } else {
        field += '"';
      }
    }
    return wrong("a quote that never ends", begun);
  }

  tl::unexpected<Error> wrong(const std::string& what, int line) const {
    return fail(Error::Kind::bad_input, what, fmt::format("{}:{}", source_.name, line));
  }

  const SourceText& source_;
  std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

Result<std::vector<CsvRow>> read_csv(const SourceText& source) { return CsvReader(source).read(); }

}  // namespace heliu
