#include "spec/reader.h"

#include <fmt/core.h>

namespace heliu {
namespace {

std::string join(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& part : path) text += (text.empty() ? "" : ".") + part;
  return text;
}

}  // namespace

const std::string& Reader::field() const {
  static const std::string none = "the document";
  return path_.empty() ? none : path_.back();
}

void Reader::fault(const char* code, std::string message, const Node& node, std::string hint) {
  fault(code, std::move(message), node.mark, std::move(hint));
}

void Reader::fault(const char* code, std::string message, Mark mark, std::string hint) {
  std::string where = source_.at(mark);
  if (mark.line == 0 && !path_.empty()) where += ": " + join(path_);
  faults_.push_back({.kind = Error::Kind::bad_input,
                     .message = std::move(message),
                     .where = std::move(where),
                     .hint = std::move(hint),
                     .code = code,
                     .excerpt = source_.excerpt(mark)});
}

void Reader::unknown_field(const NodeEntry& entry, const TableInfo& table) {
  std::vector<std::string> names;
  for (const FieldInfo& info : table.fields) names.push_back(info.name);
  auto meant = did_you_mean(entry.key, names);
  std::string all;
  for (const std::string& known : names) all += (all.empty() ? "" : ", ") + known;
  fault("HL-E0103", fmt::format("{} has no field {}", table.name, entry.key), entry.mark,
        meant ? fmt::format("did you mean {}?", *meant) : fmt::format("its fields are {}", all));
}

Error Reader::error() && { return gathered(std::move(faults_)); }

}  // namespace heliu
