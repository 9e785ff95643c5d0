#include "host/energy.h"

#include <algorithm>
#include <cstdlib>

namespace heliu::host {

std::optional<double> EnergyCounter::read(const std::string& path) {
  auto text = files_.read(path);
  if (!text || text->empty()) return std::nullopt;
  return std::strtod(text->c_str(), nullptr);
}

EnergyCounter::EnergyCounter(Files& files, std::string root) : files_(files) {
  for (const std::string& name : files.list(root)) {
    // intel-rapl:0 is a package; intel-rapl:0:1 is a part of one.
    bool package =
        name.starts_with("intel-rapl:") && std::count(name.begin(), name.end(), ':') == 1;
    std::string folder = root + "/" + name;
    auto now = package ? read(folder + "/energy_uj") : std::nullopt;
    if (now) packages_.push_back({folder, *now, read(folder + "/max_energy_range_uj").value_or(0)});
  }
}

std::optional<Joules> EnergyCounter::used() {
  if (!available()) return std::nullopt;
  for (Package& package : packages_) {
    auto now = read(package.folder + "/energy_uj");
    if (!now) return std::nullopt;
    sum_ += *now - package.last + (*now < package.last ? package.wraps_at : 0);
    package.last = *now;
  }
  return Joules::of(sum_ * 1e-6);
}

}  // namespace heliu::host
