// Collects the faults found while a document is read, so that all are reported at once.
#pragma once

#include <string>
#include <vector>

#include "spec/node.h"
#include "spec/table_info.h"

namespace heliu {

class Reader {
 public:
  // `faults`: those that the parser found already.
  explicit Reader(const SourceText& source, std::vector<Error> faults = {})
      : source_(source), faults_(std::move(faults)) {}

  void enter(const std::string& field) { path_.push_back(field); }
  void leave() { path_.pop_back(); }

  // A fault at the node, or at the path where the node has no place (JSON).
  void fault(const char* code, std::string message, const Node& node, std::string hint = {});
  void fault(const char* code, std::string message, Mark mark, std::string hint = {});
  void unknown_field(const NodeEntry& entry, const TableInfo& table);

  // The field that is being read, for messages: "layers".
  const std::string& field() const;
  size_t fault_count() const { return faults_.size(); }

  // The first fault with the others in it; call only when there is one.
  Error error() &&;

 private:
  const SourceText& source_;
  std::vector<std::string> path_;
  std::vector<Error> faults_;
};

}  // namespace heliu
