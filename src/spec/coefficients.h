// Coefficients: what the records taught the predictor about one island. JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "spec/extra.h"
#include "spec/record.h"

namespace heliu {

// Measured over promised, learned from runs of real workloads with this layout.
struct Correction {
  OperationClass kind = OperationClass::other;
  Precision precision = Precision::fp32;
  int ranks = 1;
  int threads = 1;
  double factor = 1;
  int runs = 0;
};

struct Coefficients {
  std::string island;     // "host/cpu"
  std::string processor;  // what was measured: another one needs a new measurement
  std::string source;     // where the numbers come from: job names
  double measured = 0;    // seconds since 1970-01-01 UTC
  std::vector<KernelTime> kernels;
  std::vector<CollectiveTime> collectives;
  std::vector<Correction> corrections;
  Bytes runtime_memory;                  // of a rank before it holds any model
  Seconds start_time;                    // from launch to the first step
  std::optional<Seconds> step_overhead;  // of a step beside its operations
  Extra extra;
};

}  // namespace heliu
