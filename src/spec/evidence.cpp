#include "spec/evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "spec/csv.h"

namespace heliu {
namespace {

// No model or machine comes near these, and products of a few of them can still be counted.
constexpr int64_t most_devices = 1 << 24;
constexpr int64_t most_layers = 100'000, most_wide = 10'000'000, most_tokens = 1'000'000'000;

// One row with its columns' names.
class Row {
 public:
  Row(const CsvRow& header, const CsvRow& row) : header_(header), row_(row) {}

  std::string text(const std::string& column) const {
    auto place = std::ranges::find(header_.fields, column);
    size_t index = size_t(place - header_.fields.begin());
    return index < row_.fields.size() ? std::string(trim(row_.fields[index])) : "";
  }

  // Empty: `standard`. Anything that is not a number of `least` to `most` is a fault.
  double number(const std::string& column, double standard, double least, double most = 1e15) {
    std::string value = text(column);
    if (value.empty()) return standard;
    double out = 0;
    auto [rest, status] = std::from_chars(value.data(), value.data() + value.size(), out);
    bool whole = rest == value.data() + value.size();
    if (status != std::errc() || !whole || !std::isfinite(out))
      return wrong(column + " is not a number: " + value, standard);
    if (out < least)
      return wrong(fmt::format("{} must be at least {}: {}", column, least, value), standard);
    if (out > most)
      return wrong(fmt::format("{} must be at most {:.10g}: {}", column, most, value), standard);
    return out;
  }
  int64_t whole(const std::string& column, int64_t standard, int64_t least, int64_t most) {
    double value = number(column, double(standard), double(least), double(most));
    if (value != std::floor(value)) wrong(column + " is not a whole number: " + text(column), 0);
    return int64_t(value);
  }
  int degree(const std::string& column) { return int(whole(column, 1, 1, most_devices)); }

  // One of `names`, as its index; empty: -1.
  int choice(const std::string& column, std::initializer_list<std::string_view> names) {
    std::string value = text(column);
    if (value.empty()) return -1;
    auto place = std::find(names.begin(), names.end(), value);
    if (place != names.end()) return int(place - names.begin());
    wrong(column + " is not known: " + value, 0);
    return -1;
  }

  double wrong(const std::string& what, double standard) {
    fault += (fault.empty() ? "" : "; ") + what;
    return standard;
  }

  std::string fault;

 private:
  const CsvRow& header_;
  const CsvRow& row_;
};

void read_model(Row& row, Measurement& m) {
  m.model_name = row.text("model");
  m.parameters = row.number("params_b", 0, 0) * 1e9;
  m.layers = row.whole("layers", 0, 0, most_layers);
  m.hidden = row.whole("hidden", 0, 0, most_wide);
  m.heads = row.whole("heads", 0, 0, most_wide);
  m.kv_heads = row.whole("kv_heads", 0, 0, most_wide);
  m.feed_forward = row.whole("ffn_hidden", 0, 0, most_wide);
  m.vocabulary = row.whole("vocab", 0, 0, most_tokens);
  m.sequence = row.whole("seq", 0, 0, most_tokens);
  m.experts = row.whole("experts", 0, 0, most_layers);
  m.active_experts = row.whole("topk", 0, 0, most_layers);
  m.expert_note = row.text("moe_note");
  if (m.layers < 1 || m.hidden < 1 || m.heads < 1 || m.sequence < 1)
    row.wrong("layers, hidden, heads and seq must be given", 0);
  if (m.experts > 0 && (m.active_experts < 1 || m.active_experts > m.experts))
    row.wrong("topk must be between 1 and experts", 0);
}

void read_plan(Row& row, Measurement& m) {
  Parallel& p = m.parallel;
  p.tp = row.degree("tp");
  p.pp = row.degree("pp");
  p.vpp = row.degree("vpp");
  p.dp = row.degree("dp");
  p.cp = row.degree("cp");
  p.ep = row.degree("ep");
  int sharding = row.choice("sharding", {"none", "zero1", "zero2", "zero3"});
  m.says_sharding = sharding >= 0;
  p.sharding = Sharding(std::max(0, sharding));
  p.sharding_group = int(row.whole("sharding_group", 0, 0, most_devices));
  int recompute = row.choice("recompute", {"none", "selective", "full"});
  m.says_recompute = recompute >= 0;
  p.recompute = Recompute(std::max(0, recompute));
  int sequence_parallel = row.choice("sequence_parallel", {"no", "yes"});
  m.says_sequence_parallel = sequence_parallel >= 0;
  p.sequence_parallel = sequence_parallel == 1;
  m.global_batch = row.whole("global_batch", 0, 1, most_tokens);
  m.micro_batch = row.whole("micro_batch", 1, 1, most_tokens);
  if (m.global_batch < 1) row.wrong("global_batch must be given", 0);
  double ranks = double(p.tp) * p.pp * p.dp * p.cp;
  if (m.devices > 0 && ranks != double(m.devices))
    row.wrong(fmt::format("tp pp dp cp is {:.0f}, not gpus {}", ranks, m.devices), 0);
}

Measurement read(const CsvRow& header, const CsvRow& fields) {
  Row row(header, fields);
  Measurement m;
  m.line = fields.line;
  m.id = row.text("id");
  m.group = row.text("group");
  m.chip = row.text("chip");
  m.published_chip = row.text("gpu_as_published");
  m.interconnect = row.text("interconnect");
  m.overlap_note = row.text("overlap_note");
  m.devices = int(row.whole("gpus", 0, 1, most_devices));
  m.devices_per_node = int(row.whole("gpus_per_node", 0, 1, most_devices));
  if (m.devices < 1) row.wrong("gpus must be given", 0);
  read_model(row, m);
  read_plan(row, m);
  m.precision = row.text("precision");
  m.task = row.text("task");
  m.confidence = row.text("confidence");
  m.source = row.text("source_ref");
  m.step_time = row.number("step_time_s", 0, 0);
  double rate = row.number("tokens_per_s_per_gpu", 0, 0);
  if (m.step_time <= 0 && rate > 0 && m.devices > 0)
    m.step_time = double(m.global_batch) * double(m.sequence) / (rate * m.devices);
  if (m.step_time <= 0) row.wrong("step_time_s or tokens_per_s_per_gpu must be given", 0);
  if (m.step_time > 0 && m.step_time < 1e-6) row.wrong("no step takes less than a microsecond", 0);
  if (double memory = row.number("memory_gb", 0, 0.001); memory > 0) m.memory = memory * 1e9;
  if (fields.fields.size() > header.fields.size())
    row.wrong(fmt::format("{} fields under {} columns: text with commas needs quotes",
                          fields.fields.size(), header.fields.size()),
              0);
  m.fault = row.fault;
  return m;
}

}  // namespace

const std::vector<std::string>& measurement_columns() {
  static const std::vector<std::string> columns = {"id",
                                                   "group",
                                                   "chip",
                                                   "gpus",
                                                   "gpus_per_node",
                                                   "interconnect",
                                                   "model",
                                                   "params_b",
                                                   "layers",
                                                   "hidden",
                                                   "heads",
                                                   "kv_heads",
                                                   "ffn_hidden",
                                                   "vocab",
                                                   "seq",
                                                   "experts",
                                                   "topk",
                                                   "moe_note",
                                                   "global_batch",
                                                   "micro_batch",
                                                   "tp",
                                                   "pp",
                                                   "vpp",
                                                   "dp",
                                                   "cp",
                                                   "ep",
                                                   "sharding",
                                                   "sharding_group",
                                                   "recompute",
                                                   "sequence_parallel",
                                                   "precision",
                                                   "task",
                                                   "step_time_s",
                                                   "tokens_per_s_per_gpu",
                                                   "memory_gb",
                                                   "overlap_note",
                                                   "gpu_as_published",
                                                   "source_ref",
                                                   "confidence"};
  return columns;
}

Result<std::vector<Measurement>> read_measurements(const SourceText& csv) {
  auto rows = read_csv(csv);
  if (!rows) return tl::unexpected(std::move(rows.error()));
  if (rows->empty()) return fail(Error::Kind::bad_input, "the table is empty", csv.name);
  const CsvRow& header = rows->front();
  std::string missing;
  for (const std::string& column : measurement_columns())
    if (std::ranges::find(header.fields, column) == header.fields.end())
      missing += (missing.empty() ? "" : ", ") + column;
  if (!missing.empty())
    return fail({.kind = Error::Kind::bad_input,
                 .message = "columns are missing: " + missing,
                 .where = csv.name + ":1",
                 .hint = "evidence/training/*.csv have them all; empty fields are allowed"});
  std::vector<Measurement> all;
  for (size_t i = 1; i < rows->size(); ++i) all.push_back(read(header, (*rows)[i]));
  return all;
}

}  // namespace heliu
