// The published measurements and what they taught, as files of the project.
#pragma once

#include <string>
#include <vector>

#include "host/files.h"
#include "spec/calibration.h"
#include "spec/evidence.h"

namespace heliu::host {

// $HELIU_EVIDENCE, else the evidence of the source tree.
std::string evidence_folder();

// All rows of the file `path`; of every file in `folder`/training.
Result<std::vector<Measurement>> read_evidence(Files& files, const std::string& path);
Result<std::vector<Measurement>> read_all_evidence(Files& files, const std::string& folder);

// `folder`/calibration.json; the defaults where there is none.
Result<Calibration> read_calibration(Files& files, const std::string& folder);

}  // namespace heliu::host
