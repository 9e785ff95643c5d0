// Energy of a job from the power its devices draw in each phase.
//
// A chip at matrix products draws nearly its design power, one that waits in a collective less, one
// in a pipeline's bubble less still; the node around it (processors, memory, fans, cards, loss of
// its power supply) draws its share all the time, and the center's cooling adds its factor (PUE).
#pragma once

#include "cost/estimate.h"
#include "spec/pool.h"

namespace heliu::cost {

// Of one device and its share of the node, center's overhead included.
struct Power {
  Watts computing, communicating, waiting;
  bool is_known() const { return computing > Watts{}; }
};

// `machine.device_power` 0: not known. A node is taken to draw 0.4 of the most that it can beside
// its devices, or where that is not known 0.3 of their design power.
Power power_of(const Machine& machine, double pue);

// Of all devices together for one step.
Joules step_energy(const Power& power, const Estimate& estimate, int devices);

// A lower bound of it: devices compute for `computing`, and wait for the rest of `step`.
Joules least_energy(const Power& power, Seconds step, Seconds computing, int devices);

Kilograms carbon_of(Joules energy, CarbonIntensity intensity);
Yuan electricity_of(Joules energy, EnergyPrice price);

}  // namespace heliu::cost
