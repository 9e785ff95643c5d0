// How well the forecast meets published measurements, as text: a table for people, JSON for
// programs, and the page docs/models/accuracy.md.
#pragma once

#include <string>

#include "app/session.h"
#include "cost/score.h"

namespace heliu::app {

std::string table_of_groups(const std::vector<cost::GroupScore>& groups);
Json json_of(const cost::RowScore& row);
Json json_of(const cost::GroupScore& group);

// `fitted` and `untouched` by one calibration; `crossed` by five, each row by one that has not seen
// it.
struct Accuracy {
  std::vector<cost::GroupScore> fitted, untouched, crossed, production;
  std::vector<cost::RowScore> left_out;  // that could not be forecast
};
std::string page_on(const Accuracy& accuracy, const Calibration& calibration);

}  // namespace heliu::app
