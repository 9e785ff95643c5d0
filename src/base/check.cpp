#include "base/check.h"

#include <string>

namespace heliu {

Bug::Bug(const char* condition, const char* file, int line)
    : std::logic_error(std::string(file) + ":" + std::to_string(line) +
                       ": broken promise: " + condition) {}

}  // namespace heliu
