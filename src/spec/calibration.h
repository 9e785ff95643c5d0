// What published measurements taught about chips, networks and frameworks: the numbers that turn a
// datasheet into a forecast. `heliu calibrate` writes them, from a stated part of the evidence.
//
// A number belongs to a mechanism: how near to its peak a chip's products come, how much of a link
// a collective gets, how long a framework's host code takes for a layer. None belongs to a
// measurement.
#pragma once

#include <string>
#include <vector>

#include "base/units.h"

namespace heliu {

// Of one chip; shares are of the datasheet's figure.
struct ChipCalibration {
  std::string chip;          // empty: any chip that has none of its own,
  std::string architecture;  // ... of this architecture; empty: of any
  double matmul_32 = 0.8;    // share of peak that large products reach: fp32, tf32
  double matmul_16 = 0.8;    // fp16, bf16
  double matmul_8 = 0.7;     // fp8 with one scale a tensor
  double matmul_mx8 = 0.65;
  double matmul_4 = 0.5;
  double attention = 0.5;  // of the 16-bit peak, by fused attention's forward
  double memory = 0.8;     // of the memory's bandwidth, by elementwise kernels
  double area = 1.5e6;     // elements of a result that fill the chip: fewer leave units idle
  double depth = 170;      // of the sum, spent before and after it
  double link = 0.75;      // of the scale-up link, by collectives
  double link_latency_s = 12e-6;
  int rows = 0;  // measurements it was fitted to
};

// Of a network between nodes.
struct NetworkCalibration {
  std::string network;  // empty: any
  double bandwidth = 0.8;
  double latency_s = 20e-6;
  int rows = 0;
};

// Of a training framework, as its users run it.
struct FrameworkCalibration {
  std::string framework;         // empty: any
  double layer_s = 3e-4;         // of host code, for the forward of one layer
  double expert_layer_s = 5e-4;  // more of it, where the layer is a mixture of experts
  double step_s = 10e-3;         // of host code and stalls, for one step
  double attention = 1;          // speed of its fused attention, over the chip's usual one
  double traffic = 1;  // bytes that elementwise kernels move, over those of fully fused ones
  double tensor_exposed = 0.8;  // share of each collective that no computation hides
  double pipeline_exposed = 0.5;
  double data_exposed = 0.2;
  double expert_exposed = 0.7;
  double straggling = 0.003;  // of the step's time, for each doubling of the nodes
  double owner_s = 3e-3;      // where each owner of weights sends them on its own: for each of them
  double narrow_cast = 1;     // bytes moved to make 8- and 4-bit operands, over one pass each
  int rows = 0;
};

struct Calibration {
  std::string source;  // which evidence, which part of it
  double error = 0;    // mean absolute error on evidence it was not fitted to
  std::vector<ChipCalibration> chips;
  std::vector<NetworkCalibration> networks;
  std::vector<FrameworkCalibration> frameworks;
};

// The one of that name, or of its architecture, or the one for any; defaults where the document has
// none.
ChipCalibration calibration_of_chip(const Calibration& all, const std::string& chip,
                                    const std::string& architecture = {});
NetworkCalibration calibration_of_network(const Calibration& all, const std::string& network);
FrameworkCalibration calibration_of_framework(const Calibration& all, const std::string& framework);

}  // namespace heliu
