// Published measurements of training: the plan and the time, as a CSV table that anyone can write.
//
// Columns are found by name; measurement_columns() lists them, evidence/README.md tells what they
// mean. A row that cannot be read is kept, with what is wrong with it: none is dropped.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "spec/plan.h"

namespace heliu {

struct Measurement {
  int line = 0;  // of the file
  std::string id, group, chip, published_chip, interconnect, model_name, expert_note, overlap_note;
  int devices = 0, devices_per_node = 0;
  double parameters = 0;  // as published; 0: not said
  int64_t layers = 0, hidden = 0, heads = 0, kv_heads = 0, feed_forward = 0, vocabulary = 0;
  int64_t sequence = 0, experts = 0, active_experts = 0;
  int64_t global_batch = 0, micro_batch = 0;
  Parallel parallel;
  bool says_sharding = false, says_recompute = false, says_sequence_parallel = false;
  std::string precision, task;
  double step_time = 0;          // seconds
  std::optional<double> memory;  // bytes of the fullest device
  std::string confidence, source;
  std::string fault;  // why it is not valid, or empty
};

// Every row, in order. bad_input: the table itself cannot be read (no header, a column missing).
Result<std::vector<Measurement>> read_measurements(const SourceText& csv);

// The columns that must be there.
const std::vector<std::string>& measurement_columns();

}  // namespace heliu
