// Working memory that a device keeps between operations: it grows when a larger operation comes,
// and in a steady state nothing is allocated.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

namespace heliu::device::cpu {

class Scratch {
 public:
  // At least `bytes`, aligned to 64, of undefined content. What was reserved before is lost.
  template <class T>
  T* reserve(size_t count) {
    size_t bytes = count * sizeof(T) / 64 * 64 + 64;
    if (bytes > bytes_) grow(bytes);
    return static_cast<T*>(memory_.get());
  }

 private:
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };

  void grow(size_t bytes) {
    memory_.reset();
    bytes_ = 0;
    memory_.reset(std::aligned_alloc(64, bytes));
    if (!memory_) throw std::bad_alloc();
    bytes_ = bytes;
  }

  std::unique_ptr<void, Free> memory_;
  size_t bytes_ = 0;
};

}  // namespace heliu::device::cpu
