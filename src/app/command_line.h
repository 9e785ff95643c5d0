// The words of the command line.
#pragma once

#include <optional>
#include <string>

#include "app/session.h"

namespace heliu::app {

struct CommandLine {
  Request request;
  std::optional<int> exit_code;  // help was shown, or the words were wrong (2)
};

CommandLine parse_command_line(int count, char** words);

}  // namespace heliu::app
