#include "device/device.h"

#include "base/check.h"
#include "device/cpu/cpu.h"
#include "device/reference/reference.h"

namespace heliu::device {

std::vector<std::string> backends() { return {"reference", "cpu"}; }

std::unique_ptr<Device> open(const std::string& backend, const Options& options) {
  HELIU_CHECK(options.threads > 0);
  if (backend == "reference") return reference::open();
  if (backend == "cpu") return cpu::open(options.threads);
  throw DeviceError("no such backend: " + backend);
}

}  // namespace heliu::device
