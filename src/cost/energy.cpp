// The shares of a chip's design power are set so that long runs on MLPerf Training's nodes of 8
// H100 and 8 B200 come out (energy_test.cpp has every row that can be compared); docs/models/
// energy-and-goodput.md says which are measured and which assumed.
#include "cost/energy.h"

#include <algorithm>

namespace heliu::cost {
namespace {

constexpr double computing_share = 0.93, communicating_share = 0.65, waiting_share = 0.4;
// Of the chips' design power, and of the most that the rest of a node can draw: both give about
// 1.7 kW for 8 H100, which is what MLPerf's nodes leave for it.
constexpr double overhead_share = 0.3, drawn_overhead = 0.4;

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
  double node = machine.node_power > 0
                    ? drawn_overhead * machine.node_power / std::max(1, machine.devices_per_node)
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
