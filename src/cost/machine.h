// A place in plain numbers: what its chips and links really give, in SI units. Catalog figures
// times what calibration taught; the estimate reads nothing else of hardware.
#pragma once

#include "spec/calibration.h"
#include "spec/catalog.h"

namespace heliu::cost {

struct Machine {
  // Operations per second that large products approach, by precision.
  double matmul[7] = {};
  double attention = 0;  // by fused attention's forward
  double bandwidth = 0;  // bytes per second of device memory, by elementwise kernels
  double memory = 0;     // bytes of a device
  double area = 0;       // elements of a product that fill the chip
  double depth = 0;      // of a product's sum, spent before and after it

  // Between devices of one scale-up domain: bytes per second of each, one direction.
  double link = 0, link_latency = 0;
  int domain = 1;  // devices that it joins
  bool link_reduces = false;

  // Between domains: bytes per second of each device.
  double network = 0, network_latency = 0;
  bool network_reduces = false;
  int devices_per_node = 1;
  int nodes = 1;

  // What an hour, and a joule, are made of.
  double device_power = 0;  // watts at full load
  double node_power = 0;    // watts of the node beside its devices
  double host_link = 25e9;  // bytes per second between a device and host memory

  int devices() const { return devices_per_node * nodes; }
  bool knows(Precision precision) const { return matmul[size_t(precision)] > 0; }
};

// Of bf16, or of fp16 where a chip has no bf16 (V100); 0: it has neither.
OperationRate sixteen_bit_peak(const Chip& chip);

// `island` must be resolved: devices with chip, count and memory. bad_input: it has no
// accelerators, or a chip that is not in the catalog.
Result<Machine> machine(const Island& island, const Catalog& catalog,
                        const Calibration& calibration);

// Devices of one chip on one kind of network, for measurements that name no island.
struct Cluster {
  int devices_per_node = 8;
  int nodes = 1;
  double network = 0;  // bytes per second of one device; 0: not known, 50 GB/s
  std::string network_name;
  int domain = 0;  // 0: as the chip has it
};
Machine machine(const Chip& chip, const Cluster& cluster, const Calibration& calibration);

}  // namespace heliu::cost
