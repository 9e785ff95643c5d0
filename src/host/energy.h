// Energy counters of the host's processors.
#pragma once

#include <optional>
#include <string>

#include "base/units.h"
#include "host/files.h"

namespace heliu::host {

// RAPL through the kernel's powercap folders: the packages' counters, summed.
class EnergyCounter {
 public:
  // `root` is /sys/class/powercap but for tests.
  explicit EnergyCounter(Files& files, std::string root = "/sys/class/powercap");

  bool available() const { return !packages_.empty(); }
  // Energy since construction, to be read more often than a counter wraps (minutes to hours).
  std::optional<Joules> used();

 private:
  struct Package {
    std::string folder;
    double last = 0, wraps_at = 0;  // microjoules
  };
  std::optional<double> read(const std::string& path);

  Files& files_;
  std::vector<Package> packages_;
  double sum_ = 0;
};

}  // namespace heliu::host
