// Aligned columns for people; East-Asian characters take two columns.
#pragma once

#include <string>
#include <vector>

namespace heliu::app {

class Table {
 public:
  explicit Table(std::vector<std::string> heading) { rows_.push_back(std::move(heading)); }
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  // Columns in which numbers stand are set flush right.
  std::string print(const std::string& indent = "  ") const;

 private:
  std::vector<std::vector<std::string>> rows_;  // the first is the heading
};

}  // namespace heliu::app
