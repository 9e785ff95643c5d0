// The words of a shell script, as far as scripts that list arguments need it: quotes, comments,
// lines that go on with a backslash, and variables set in the script itself. Nothing is run.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace heliu::exchange {

struct Word {
  std::string text;
  Mark mark;
};

// Assignments (NAME=value) are no words; what they set stands in for $NAME, ${NAME} and
// ${NAME:-default} below. Variables that the script does not set stay as they are written. Fails on
// a quote that does not end and on values that grow beyond a mebibyte.
Result<std::vector<Word>> shell_words(const SourceText& script);

}  // namespace heliu::exchange
