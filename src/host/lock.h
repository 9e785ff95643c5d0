// A lock that ends with its process: what is locked is being worked on by someone alive.
#pragma once

#include <string>

#include "base/error.h"

namespace heliu::host {

class Lock {
 public:
  // Fails with unreachable where another process holds it.
  static Result<Lock> take(const std::string& path);
  static bool is_taken(const std::string& path);

  Lock(Lock&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  Lock& operator=(Lock&& other) noexcept;
  ~Lock();

 private:
  explicit Lock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace heliu::host
