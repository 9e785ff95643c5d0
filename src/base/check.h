// A promise of our own that must hold. Breaking it is our bug, never the user's input.
#pragma once

#include <stdexcept>

namespace heliu {

// Thrown by HELIU_CHECK; carries file, line and the condition.
class Bug : public std::logic_error {
 public:
  Bug(const char* condition, const char* file, int line);
};

}  // namespace heliu

#define HELIU_CHECK(condition)                                            \
  do {                                                                    \
    if (!(condition)) throw ::heliu::Bug(#condition, __FILE__, __LINE__); \
  } while (false)
