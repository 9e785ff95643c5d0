// Tables of comma-separated values (RFC 4180): quoted fields may hold commas, quotes and newlines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace heliu {

struct CsvRow {
  int line = 0;  // where it begins, from 1
  std::vector<std::string> fields;
};

// Blank lines are left out. bad_input: a quote that never ends, or text after a closing quote.
Result<std::vector<CsvRow>> read_csv(const SourceText& source);

}  // namespace heliu
