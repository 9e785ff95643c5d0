#include "spec/calibration.h"

#include "spec/document_code.h"
#include "spec/tables.h"

namespace heliu {
namespace {

template <class One>
One pick(const std::vector<One>& all, const std::string& name, std::string One::*key) {
  const One* any = nullptr;
  for (const One& one : all) {
    if (one.*key == name) return one;
    if ((one.*key).empty()) any = &one;
  }
  return any ? *any : One{};
}

}  // namespace

ChipCalibration calibration_of_chip(const Calibration& all, const std::string& chip) {
  return pick(all.chips, chip, &ChipCalibration::chip);
}
NetworkCalibration calibration_of_network(const Calibration& all, const std::string& network) {
  return pick(all.networks, network, &NetworkCalibration::network);
}
FrameworkCalibration calibration_of_framework(const Calibration& all,
                                              const std::string& framework) {
  return pick(all.frameworks, framework, &FrameworkCalibration::framework);
}

}  // namespace heliu
