#include "app/table.h"

#include <algorithm>

#include "base/text.h"

namespace heliu::app {
namespace {

bool is_number(const std::string& cell) { return !cell.empty() && (std::isdigit(static_cast<unsigned char>(cell[0])) || cell[0] == '-' || cell[0] == '+'); }

}  // namespace

std::string Table::print(const std::string& indent) const {
  std::vector<int> widths;
  std::vector<bool> right;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    right.resize(widths.size(), rows_.size() > 1);
    for (size_t c = 0; c < row.size(); ++c) {
      widths[c] = std::max(widths[c], display_width(row[c]));
      if (&row != &rows_.front() && !row[c].empty() && !is_number(row[c])) right[c] = false;
    }
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line = indent;
    for (size_t c = 0; c < row.size(); ++c) {
      std::string blank(size_t(widths[c] - display_width(row[c])), ' ');
      line += (c ? "  " : "") + (right[c] ? blank + row[c] : row[c] + blank);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace heliu::app
