#include "cost/machine.h"

#include <fmt/format.h>

#include <algorithm>

#include "cost/interconnect.h"
#include "cost/phrase.h"

namespace heliu::cost {

OperationRate sixteen_bit_peak(const Chip& chip) {
  OperationRate bf16 = peak_of(chip, Precision::bf16);
  return bf16.base() > 0 ? bf16 : peak_of(chip, Precision::fp16);
}

namespace {

void set_chip(Machine& m, const Chip& chip, const Calibration& calibration) {
  ChipCalibration c = calibration_of_chip(calibration, chip.name, chip.architecture);
  // What others reach says little where this chip's own best product was measured.
  if (c.chip.empty() && chip.best_matmul) c.matmul_16 = std::min(c.matmul_16, *chip.best_matmul);
  auto rate = [&](Precision precision, double share) {
    m.matmul[size_t(precision)] = share * peak_of(chip, precision).base();
  };
  rate(Precision::fp32, c.matmul_32);
  rate(Precision::tf32, c.matmul_32);
  rate(Precision::bf16, c.matmul_16);
  rate(Precision::fp16, c.matmul_16);
  rate(Precision::fp8, c.matmul_8);
  rate(Precision::mxfp8, c.matmul_mx8);
  rate(Precision::nvfp4, c.matmul_4);
  m.attention = c.attention * sixteen_bit_peak(chip).base();
  m.bandwidth = c.memory * chip.memory.bandwidth.base();
  m.memory = chip.memory.size.base();
  m.area = c.area;
  m.depth = c.depth;
  m.link = c.link * chip.scale_up.bandwidth.base();
  m.link_latency = c.link_latency_s;
  m.link_reduces = chip.scale_up.in_network_reduction;
  m.device_power = chip.power.base();
}

void set_network(Machine& m, const std::string& name, double bandwidth,
                 const Calibration& calibration) {
  NetworkCalibration n = calibration_of_network(calibration, name);
  m.network = n.bandwidth * bandwidth;
  m.network_latency = n.latency_s;
}

// As calibration names it; empty: of none that it knows.
std::string network_of(const Fabric& fabric) {
  bool ethernet = fabric.kind == FabricKind::ethernet;
  std::string model = lower(fabric.model);
  bool named = mentions(model, {"infiniband", "omni-path", "roce", "ethernet", "spectrum"});
  return ethernet || named ? network_name(ethernet ? "ethernet" : model) : "";
}

}  // namespace

Machine machine(const Chip& chip, const Cluster& cluster, const Calibration& calibration) {
  Machine m;
  set_chip(m, chip, calibration);
  m.devices_per_node = cluster.devices_per_node;
  m.nodes = cluster.nodes;
  m.domain =
      cluster.domain ? cluster.domain : std::max(chip.scale_up.domain, cluster.devices_per_node);
  set_network(m, cluster.network_name, cluster.network > 0 ? cluster.network : 50e9, calibration);
  if (m.link <= 0) m.link = 0.7 * 32e9;  // PCIe 4.0 x16
  return m;
}

Result<Machine> machine(const Island& island, const Catalog& catalog,
                        const Calibration& calibration) {
  if (island.node.devices.empty())
    return fail(Error::Kind::bad_input, fmt::format("island {} has no accelerators", island.name));
  const Accelerators& devices = island.node.devices.front();
  const Chip* chip = find_chip(catalog, devices.chip);
  if (!chip)
    return fail(Error::Kind::bad_input,
                fmt::format("island {}: chip {} is not in the catalog", island.name, devices.chip));
  Machine m;
  set_chip(m, *chip, calibration);
  if (devices.memory.base() > 0) m.memory = devices.memory.base();
  const ScaleUp& near = island.node.scale_up;
  if (near.bandwidth.base() > 0)
    m.link = calibration_of_chip(calibration, chip->name, chip->architecture).link *
             near.bandwidth.base();
  if (m.link <= 0) m.link = 0.7 * 32e9;  // PCIe 4.0 x16
  m.link_reduces = m.link_reduces || near.in_network_reduction;
  m.devices_per_node = devices.count;
  m.nodes = island.nodes;
  m.domain = near.domain ? near.domain : std::max(devices.count, 1);
  double node = island.fabric.bandwidth.base() > 0 ? island.fabric.bandwidth.base()
                                                   : island.node.network.base();
  if (node <= 0) node = 50e9 * devices.count;
  set_network(m, network_of(island.fabric), node / devices.count / island.fabric.oversubscription,
              calibration);
  if (island.fabric.latency.base() > 0) m.network_latency += island.fabric.latency.base();
  m.network_reduces = island.fabric.in_network_reduction;
  m.node_power = island.node.overhead.base();
  return m;
}

}  // namespace heliu::cost
