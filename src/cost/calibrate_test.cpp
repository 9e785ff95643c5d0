#include "cost/calibrate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cost/cluster_fixture.h"

namespace heliu::cost {
namespace {

Chip fake_chip() {
  Chip chip;
  chip.name = "fake";
  chip.architecture = "paper";
  chip.peak.bf16 = chip.peak.fp16 = OperationRate::of(500e12);
  chip.memory = {Bytes::of(80e9), "HBM", Bandwidth::of(2e12)};
  chip.scale_up.bandwidth = Bandwidth::of(300e9);
  chip.scale_up.domain = 8;
  return chip;
}
const Chip chip = fake_chip();

// Plans of three sizes of Llama on one to sixteen nodes.
std::vector<Sample> plans() {
  std::vector<Sample> out;
  for (int64_t hidden : {2048, 4096, 8192})
    for (int nodes : {1, 2, 4, 16})
      for (int tp : {1, 8})
        for (int64_t batches : {1, 4})
          for (bool long_sequence : {false, true}) {
            Observation o;
            o.task.model = fixture::llama_8b();
            o.task.model.layers = 16;
            o.task.model.hidden = hidden;
            o.task.model.feed_forward = 4 * hidden;
            o.task.model.sequence = long_sequence ? 8192 : 2048;
            o.layout.parallel = {.dp = 8 * nodes / tp, .tp = tp, .sharding = Sharding::zero1};
            o.layout.micro_batches = batches;
            o.cluster = {.devices_per_node = 8, .nodes = nodes, .network = 25e9};
            o.cluster.network_name = "wire";
            o.chip = &chip;
            o.framework = "nemo";
            out.push_back({o, 1, 1});
          }
  return out;
}

// What a place with these numbers would measure.
std::vector<Sample> measured_with(const Calibration& truth) {
  std::vector<Sample> samples = plans();
  for (Sample& one : samples) one.step_time = forecast(one.observation, truth).estimate.step;
  return samples;
}

Calibration planted(double matmul, double exposed) {
  Calibration truth = prepared(plans());
  truth.chips[0].matmul_16 = matmul;
  truth.frameworks[0].data_exposed = exposed;
  return truth;
}

double mean_error(const std::vector<Sample>& samples, const Calibration& c) {
  double sum = 0;
  for (const Sample& one : samples)
    sum += std::abs(forecast(one.observation, c).estimate.step / one.step_time - 1);
  return sum / double(samples.size());
}

TEST(Calibrate, FindsTheNumbersThatTheMeasurementsWereMadeWith) {
  Calibration truth = planted(0.62, 0.45);

  Calibration found = calibrate(measured_with(truth), prepared(plans()));

  EXPECT_NEAR(found.chips[0].matmul_16 / 0.62, 1, 0.03);
  EXPECT_NEAR(found.frameworks[0].data_exposed / 0.45, 1, 0.06);
  EXPECT_LT(mean_error(measured_with(truth), found), 0.01);
}

TEST(Calibrate, ForecastsPlansThatItHasNotSeen) {
  Calibration truth = planted(0.7, 0.1);
  std::vector<Sample> all = measured_with(truth), some, others;
  for (size_t i = 0; i < all.size(); ++i) (i % 3 ? some : others).push_back(all[i]);

  Calibration found = calibrate(some, prepared(some));

  EXPECT_LT(mean_error(others, found), 0.01);
}

TEST(Calibrate, LeavesWhatAgreesAlone) {
  Calibration start = prepared(plans());

  Calibration found = calibrate(measured_with(start), start);

  EXPECT_NEAR(found.chips[0].matmul_16, start.chips[0].matmul_16, 1e-6);
  EXPECT_NEAR(found.frameworks[0].data_exposed, start.frameworks[0].data_exposed, 1e-6);
}

TEST(Calibrate, NeverRaisesTheLossWithMoreRounds) {
  std::vector<Sample> samples = measured_with(planted(0.4, 0.9));
  std::vector<double> none;
  calibrate(samples, prepared(samples), 0, &none);
  ASSERT_EQ(none.size(), 1u);
  double before = none[0], first = before;

  for (int rounds : {1, 2, 3, 5, 20}) {
    std::vector<double> losses;
    calibrate(samples, prepared(samples), rounds, &losses);
    ASSERT_FALSE(losses.empty());
    EXPECT_DOUBLE_EQ(losses.front(), before);
    for (size_t i = 1; i < losses.size(); ++i) EXPECT_LT(losses[i], losses[i - 1]);
    EXPECT_LE(losses.back(), first);
    first = losses.back();
  }
  EXPECT_LT(first, 0.05 * before);
}

TEST(Calibrate, IsTheSameEachTime) {
  std::vector<Sample> samples = measured_with(planted(0.62, 0.45));

  Calibration a = calibrate(samples, prepared(samples)), b = calibrate(samples, prepared(samples));

  EXPECT_EQ(a.chips[0].matmul_16, b.chips[0].matmul_16);
  EXPECT_EQ(a.chips[0].depth, b.chips[0].depth);
  EXPECT_EQ(a.frameworks[0].data_exposed, b.frameworks[0].data_exposed);
  EXPECT_EQ(a.networks[0].bandwidth, b.networks[0].bandwidth);
}

TEST(Calibrate, IsNotLedAstrayByOneWildMeasurement) {
  std::vector<Sample> samples = measured_with(planted(0.62, 0.45));
  samples[5].step_time *= 10;

  Calibration found = calibrate(samples, prepared(samples));

  EXPECT_NEAR(found.chips[0].matmul_16 / 0.62, 1, 0.05);
}

TEST(Calibrate, GivesAnyOtherChipWhatTheyHaveInCommon) {
  Calibration found = calibrate(measured_with(planted(0.62, 0.2)), prepared(plans()));

  EXPECT_DOUBLE_EQ(calibration_of_chip(found, "unheard-of").matmul_16, found.chips[0].matmul_16);
}

TEST(Calibrate, GivesAChipWithoutMeasurementsWhatItsArchitectureHas) {
  Calibration known;
  known.chips = {{.chip = "h100", .matmul_16 = 0.7},
                 {.architecture = "hopper", .matmul_16 = 0.65},
                 {.matmul_16 = 0.5}};

  EXPECT_EQ(calibration_of_chip(known, "h100", "hopper").matmul_16, 0.7);
  EXPECT_EQ(calibration_of_chip(known, "h800", "hopper").matmul_16, 0.65);
  EXPECT_EQ(calibration_of_chip(known, "mi300x", "cdna3").matmul_16, 0.5);
}

TEST(Calibrate, LeavesOutWhatCannotBeForecast) {
  std::vector<Sample> samples = measured_with(planted(0.62, 0.2));
  Calibration before = calibrate(samples, prepared(samples));
  Sample strange;
  strange.observation.reason = "chip is not in the catalog: abacus";
  samples.push_back(strange);

  Calibration after = calibrate(samples, prepared(samples));

  EXPECT_EQ(after.chips.size(), before.chips.size());
  EXPECT_EQ(after.chips[0].matmul_16, before.chips[0].matmul_16);
}

TEST(Balance, GivesGroupsBeyondTwoHundredRowsTheWeightOfTheirSquareRoot) {
  std::vector<Sample> samples(802);
  std::vector<std::string> groups(800, "large");
  groups.insert(groups.end(), 2, "small");

  balance(samples, groups);

  EXPECT_DOUBLE_EQ(samples.front().weight, 0.5);
  EXPECT_DOUBLE_EQ(samples.back().weight, 1);
}

}  // namespace
}  // namespace heliu::cost
