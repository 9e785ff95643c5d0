// The shares are those with which MLPerf Training v4.0 and v5.0 nodes (8 H100, 8 B200, measured at
// the socket) come out within 6 %, as energy_test.cpp checks.
#include "cost/energy.h"

#include <algorithm>

namespace heliu::cost {
namespace {

constexpr double computing_share = 0.93, communicating_share = 0.65, waiting_share = 0.4;
constexpr double overhead_share = 0.3;

bool communicates(OperationClass kind) {
  using enum OperationClass;
  switch (kind) {
    case communication:
    case tensor_communication:
    case pipeline_communication:
    case data_communication:
    case context_communication:
    case expert_communication:
      return true;
    default:
      return false;
  }
}

bool waits(OperationClass kind) {
  return kind == OperationClass::bubble || kind == OperationClass::stall ||
         kind == OperationClass::other;
}

}  // namespace

Power power_of(const Machine& machine, double pue) {
  Watts chip = Watts::of(machine.device_power);
  double node = machine.node_power > 0 ? machine.node_power / std::max(1, machine.devices_per_node)
                                       : overhead_share * machine.device_power;
  Watts around = Watts::of(node);
  return {pue * (computing_share * chip + around), pue * (communicating_share * chip + around),
          pue * (waiting_share * chip + around)};
}

Joules step_energy(const Power& power, const Estimate& estimate, int devices) {
  Joules sum;
  for (size_t i = 0; i < operation_class_count; ++i) {
    auto kind = OperationClass(i);
    Watts drawn = waits(kind)          ? power.waiting
                  : communicates(kind) ? power.communicating
                                       : power.computing;
    sum += drawn * Seconds::of(estimate.seconds[i]);
  }
  return devices * sum;
}

Joules least_energy(const Power& power, Seconds step, Seconds computing, int devices) {
  return devices * (power.waiting * step + (power.computing - power.waiting) * computing);
}

Kilograms carbon_of(Joules energy, CarbonIntensity intensity) { return energy * intensity; }
Yuan electricity_of(Joules energy, EnergyPrice price) { return energy * price; }

}  // namespace heliu::cost
