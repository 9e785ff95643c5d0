#include "cost/energy.h"

#include <gtest/gtest.h>

namespace heliu::cost {
namespace {

Machine node(double chip) {
  Machine m;
  m.device_power = chip;
  m.devices_per_node = 8;
  return m;
}

// A step of one second: computing, communicating, waiting.
Estimate step(double computing, double communicating, double waiting) {
  Estimate e;
  e[OperationClass::gemm] = computing;
  e[OperationClass::tensor_communication] = communicating;
  e[OperationClass::bubble] = waiting;
  e.step = 1;
  return e;
}

TEST(Energy, OfMlperfNodesIsWithinSixPercent) {
  // MLPerf Training v4.0 power, 64 nodes x 8 H100, GPT-3: 6,847.9 W a node (a Selene-like plan
  // computes for 80 % of its time); one node, Llama-2-70B LoRA: 6,951.4 W (all but 4 %).
  double gpt3 = step_energy(power_of(node(700), 1), step(0.80, 0.12, 0.08), 8).base();
  double lora = step_energy(power_of(node(700), 1), step(0.96, 0.04, 0), 8).base();
  // v5.0, 8 B200 of 1,000 W: 9,593.0 W.
  double b200 = step_energy(power_of(node(1000), 1), step(0.96, 0.04, 0), 8).base();

  EXPECT_NEAR(gpt3 / 6847.9, 1, 0.06);
  EXPECT_NEAR(lora / 6951.4, 1, 0.06);
  EXPECT_NEAR(b200 / 9593.0, 1, 0.06);
}

TEST(Energy, GrowsWithThePueAndIsNeverBelowItsBound) {
  Power plain = power_of(node(700), 1), warm = power_of(node(700), 1.3);
  Estimate e = step(0.6, 0.3, 0.1);

  EXPECT_NEAR(step_energy(warm, e, 8) / step_energy(plain, e, 8), 1.3, 1e-12);
  EXPECT_LE(least_energy(plain, Seconds::of(1), Seconds::of(0.6), 8), step_energy(plain, e, 8));
}

TEST(Energy, BecomesCarbonAndMoney) {
  Joules day = Watts::of(1000) * Seconds::of(86400);  // 24 kWh

  EXPECT_NEAR(carbon_of(day, CarbonIntensity::of(0.5 / 3.6e6)).base(), 12, 1e-9);
  EXPECT_NEAR(electricity_of(day, EnergyPrice::of(0.4 / 3.6e6)).base(), 9.6, 1e-9);
}

}  // namespace
}  // namespace heliu::cost
