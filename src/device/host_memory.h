// Memory of the host processor, for the backends that compute there.
#pragma once

#include "device/device.h"

namespace heliu::device {

// A device whose memory is the host's: copies are memcpy, and the queue is always empty.
class HostMemoryDevice : public Device {
 public:
  void* allocate(size_t bytes) override;
  void release(void* memory) override;
  void upload(void* to, const void* from, size_t bytes) override;
  void download(void* to, const void* from, size_t bytes) override;
  void wait() override {}
};

}  // namespace heliu::device
