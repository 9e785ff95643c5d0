#include "spec/serving_evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "spec/csv.h"

namespace heliu {
namespace {

class Sheet {
 public:
  static Result<Sheet> read(const SourceText& csv, const std::vector<std::string>& columns) {
    auto rows = read_csv(csv);
    if (!rows) return tl::unexpected(std::move(rows.error()));
    if (rows->empty()) return fail(Error::Kind::bad_input, "the table is empty", csv.name);
    std::string missing;
    for (const std::string& column : columns)
      if (std::ranges::find(rows->front().fields, column) == rows->front().fields.end())
        missing += (missing.empty() ? "" : ", ") + column;
    if (!missing.empty())
      return fail(Error::Kind::bad_input, "columns are missing: " + missing, csv.name + ":1");
    Sheet sheet;
    sheet.rows_ = std::move(*rows);
    return sheet;
  }

  size_t size() const { return rows_.size(); }  // the heading is row 0
  int line(size_t row) const { return rows_[row].line; }

  std::string text(size_t row, const std::string& column) const {
    const auto& names = rows_.front().fields;
    auto index = size_t(std::ranges::find(names, column) - names.begin());
    return index < rows_[row].fields.size() ? std::string(trim(rows_[row].fields[index])) : "";
  }

  // 0 where it is empty; nothing where it is no number of at least 0.
  std::optional<double> number(size_t row, const std::string& column) const {
    std::string value = text(row, column);
    if (value.empty()) return 0;
    double out = 0;
    auto [rest, status] = std::from_chars(value.data(), value.data() + value.size(), out);
    bool whole = rest == value.data() + value.size();
    if (status != std::errc() || !whole || !(out >= 0) || out > 1e15) return {};
    return out;
  }

 private:
  std::vector<CsvRow> rows_;
};

ServedMeasurement measurement(const Sheet& sheet, size_t row) {
  ServedMeasurement m;
  auto number = [&](const std::string& column) {
    auto value = sheet.number(row, column);
    if (!value)
      m.fault += fmt::format("{}{} is not a number: {}", m.fault.empty() ? "" : "; ", column,
                             sheet.text(row, column));
    return value.value_or(0);
  };
  m.line = sheet.line(row);
  m.source = sheet.text(row, "source");
  m.chip = sheet.text(row, "accelerator");
  m.model = sheet.text(row, "model");
  m.scenario = sheet.text(row, "scenario");
  m.precision = sheet.text(row, "precision");
  m.units = sheet.text(row, "units");
  m.devices = int(std::min(number("accelerators"), 1e6));
  m.tp = int(std::min(number("tp"), 1e6));
  m.pp = int(std::min(number("pp"), 1e6));
  m.prompt = int64_t(number("input_len"));
  m.output = int64_t(number("output_len"));
  m.requests = int64_t(number("requests"));
  m.rate = number("result");
  if (m.fault.empty() && m.rate <= 0) m.fault = "result must be given";
  return m;
}

std::optional<ModelFamily> family_of(const std::string& name) {
  if (name == "llama") return ModelFamily::llama;
  if (name == "qwen") return ModelFamily::qwen;
  if (name == "mixtral") return ModelFamily::mixtral;
  if (name == "gpt-neox") return ModelFamily::gpt_neox;
  return {};
}

Result<Model> model(const Sheet& sheet, size_t row, const std::string& file) {
  auto where = fmt::format("{}:{}", file, sheet.line(row));
  auto family = family_of(sheet.text(row, "family"));
  if (!family)
    return fail(Error::Kind::bad_input, "family is not known: " + sheet.text(row, "family"), where);
  std::string fault;
  auto whole = [&](const std::string& column) {
    auto value = sheet.number(row, column);
    if (!value || *value != std::floor(*value)) fault = column;
    return int64_t(value.value_or(0));
  };
  Model m;
  m.family = *family;
  m.layers = whole("layers");
  m.hidden = whole("hidden");
  m.heads = whole("heads");
  m.kv_heads = whole("kv_heads");
  m.head_size = whole("head_size");
  m.feed_forward = whole("feed_forward");
  m.gated = sheet.text(row, "gated") == "yes";
  m.vocabulary = whole("vocabulary");
  m.experts = {whole("experts"), whole("active"), whole("shared"), whole("expert_feed_forward"),
               whole("dense_layers")};
  if (!fault.empty()) return fail(Error::Kind::bad_input, fault + " is not a whole number", where);
  if (m.layers < 1 || m.hidden < 1 || m.heads < 1)
    return fail(Error::Kind::bad_input, "layers, hidden and heads must be given", where);
  return m;
}

}  // namespace

Result<std::vector<ServedMeasurement>> read_served(const SourceText& csv) {
  auto sheet =
      Sheet::read(csv, {"source", "accelerator", "accelerators", "model", "scenario", "input_len",
                        "output_len", "tp", "pp", "precision", "result", "units", "requests"});
  if (!sheet) return tl::unexpected(std::move(sheet.error()));
  std::vector<ServedMeasurement> all;
  for (size_t row = 1; row < sheet->size(); ++row) all.push_back(measurement(*sheet, row));
  return all;
}

Result<std::map<std::string, Model>> read_served_models(const SourceText& csv) {
  auto sheet = Sheet::read(csv, {"model", "family", "layers", "hidden", "heads", "kv_heads",
                                 "head_size", "feed_forward", "gated", "vocabulary", "experts",
                                 "active", "shared", "expert_feed_forward", "dense_layers"});
  if (!sheet) return tl::unexpected(std::move(sheet.error()));
  std::map<std::string, Model> all;
  for (size_t row = 1; row < sheet->size(); ++row) {
    auto one = model(*sheet, row, csv.name);
    if (!one) return tl::unexpected(std::move(one.error()));
    all[sheet->text(row, "model")] = std::move(*one);
  }
  return all;
}

}  // namespace heliu
