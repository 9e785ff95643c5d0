// Published measurements: a table of any bytes is refused with words, or each of its rows is kept,
// and forecast where it has no fault; what is forecast is a time.
#include "spec/evidence.h"

#include <cmath>

#include "base/check.h"
#include "cost/observe.h"
#include "fuzz/documents.h"

namespace {

heliu::Catalog chips() {
  heliu::Catalog catalog;
  for (const char* name : {"a100-80g", "h100-sxm", "gb300"}) {
    heliu::Chip chip;
    chip.name = name;
    chip.peak.bf16 = chip.peak.fp16 = heliu::OperationRate::of(1e15);
    chip.peak.fp8 = chip.peak.int8 = chip.peak.fp4 = heliu::OperationRate::of(2e15);
    chip.memory = {heliu::Bytes::of(80e9), "HBM", heliu::Bandwidth::of(3e12)};
    chip.scale_up.bandwidth = heliu::Bandwidth::of(450e9);
    chip.scale_up.domain = 8;
    catalog.chips.push_back(chip);
  }
  return catalog;
}

void read(const std::string& text) {
  auto rows = heliu::read_measurements({"fuzz.csv", text});
  if (!rows) {
    HELIU_CHECK(rows.error().kind == heliu::Error::Kind::bad_input);
    HELIU_CHECK(!rows.error().message.empty() && !rows.error().where.empty());
    return;
  }
  static const heliu::Catalog catalog = chips();
  for (const heliu::Measurement& row : *rows) {
    if (!row.fault.empty()) continue;
    HELIU_CHECK(row.step_time > 0 && row.layers > 0 && row.global_batch > 0);
    heliu::cost::Observation seen = heliu::cost::observe(row, catalog);
    if (!seen.reason.empty()) continue;
    double step = heliu::cost::forecast(seen, {}).estimate.step;
    HELIU_CHECK(std::isfinite(step) && step > 0);
  }
}

}  // namespace

HELIU_FUZZ(read)
