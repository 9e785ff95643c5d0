// Published measurements of serving, as the CSV tables of evidence/: inference.csv has the runs,
// served-models.csv what the models that they name are made of.
//
// Columns are found by name. A row that cannot be read is kept, with what is wrong with it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "spec/model.h"

namespace heliu {

struct ServedMeasurement {
  int line = 0;  // of the file
  std::string source, chip, model, scenario, precision, units;
  int devices = 0, tp = 0, pp = 0;  // 0: not said
  int64_t prompt = 0, output = 0;   // tokens of a request; 0: not said
  int64_t requests = 0;             // of the run, or of its batch; 0: not said
  double rate = 0;                  // as published, in `units`
  std::string fault;                // why it is not valid, or empty
};

// bad_input: the table cannot be read, or a column is missing.
Result<std::vector<ServedMeasurement>> read_served(const SourceText& csv);

// By the names that the measurements use. bad_input, besides: a family that is not known.
Result<std::map<std::string, Model>> read_served_models(const SourceText& csv);

}  // namespace heliu
