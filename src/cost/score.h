// How well the forecast meets published measurements: row by row, and by group.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cost/calibrate.h"

namespace heliu::cost {

enum class RowStatus { ok, unsupported, invalid };

struct RowScore {
  std::string id, group;
  RowStatus status = RowStatus::ok;
  std::string reason;                             // where it is not ok
  double forecast = 0, measured = 0;              // seconds of a step
  std::optional<double> memory, measured_memory;  // bytes of the fullest device
  bool fits = true;
  bool held_out = false;  // the calibration has not seen it
  std::string family;     // (model, chip, devices, batch): plans for the same work

  double error() const { return forecast / measured - 1; }
};

// Of the rows that are ok.
struct GroupScore {
  std::string group;
  int rows = 0, supported = 0;
  double mean = 0, median = 0, p90 = 0, most = 0;  // absolute errors of the step time
  double bias = 0;                                 // mean error with its sign
  int memory_rows = 0;
  double memory_mean = 0;  // absolute
  // Over families of at least `family_size` plans: Kendall's tau-b of their order, and by how much
  // the plan forecast as best is slower than the best one measured.
  int families = 0;
  double tau = 0, regret = 0;
};
constexpr int family_size = 8;

// Whether a row belongs to the part that calibration never sees: one of five, by a hash of its id.
bool held_out(const std::string& id, int fold = 0);

std::vector<RowScore> score(const std::vector<Measurement>& rows, const Catalog& catalog,
                            const Calibration& calibration);

// By group, in the order of their names; then all together as "all".
std::vector<GroupScore> summarize(const std::vector<RowScore>& rows);

// Fitted to the rows that are not held out of this fold; fold -1: to all.
Calibration calibrate(const std::vector<Measurement>& rows, const Catalog& catalog, int fold = 0);

// Each row forecast by a calibration fitted to the other four fifths.
std::vector<RowScore> cross_validate(const std::vector<Measurement>& rows, const Catalog& catalog);

}  // namespace heliu::cost
