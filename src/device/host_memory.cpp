#include "device/host_memory.h"

#include <cstdlib>
#include <cstring>

namespace heliu::device {

void* HostMemoryDevice::allocate(size_t bytes) {
  // aligned_alloc wants a multiple of the alignment; the surplus also lets zero bytes have an
  // address.
  if (bytes > SIZE_MAX - 64) throw DeviceError("cannot allocate memory: size overflows");
  size_t padded = bytes / 64 * 64 + 64;
  void* memory = std::aligned_alloc(64, padded);
  if (memory == nullptr) {
    throw DeviceError("cannot allocate host memory, bytes: " + std::to_string(bytes));
  }
  std::memset(memory, 0, padded);
  return memory;
}

void HostMemoryDevice::release(void* memory) { std::free(memory); }

void HostMemoryDevice::upload(void* to, const void* from, size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}

void HostMemoryDevice::download(void* to, const void* from, size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}

}  // namespace heliu::device
