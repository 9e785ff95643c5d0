// How well the forecast of serving meets published throughput. Nothing of it was fitted to these
// rows.
#pragma once

#include <map>

#include "cost/inference.h"
#include "cost/score.h"
#include "spec/serving_evidence.h"

namespace heliu::cost {

// One score for each row; `group` is the chip and whether the model is
// dense, `forecast` and `measured` are tokens made in a
// second. A row is unsupported where it does not say what a forecast needs: prompt, answer and
// layout, a chip of the catalog, a model whose make is known.
//
// A row that says no batch is forecast with as many requests as fit, of those the run had, 2048 at
// most for each team (the default of TensorRT-LLM's max_batch_size). Mixtures are laid out as the
// source ran them: each device attends to its own requests, experts over all of them.
std::vector<RowScore> score_serving(const std::vector<ServedMeasurement>& rows,
                                    const std::map<std::string, Model>& models,
                                    const Catalog& catalog, const Calibration& calibration,
                                    const ServingHabits& habits);

}  // namespace heliu::cost
