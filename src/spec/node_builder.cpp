#include "spec/node_builder.h"

#include <fmt/core.h>

#include <algorithm>

namespace heliu {

size_t count_nodes(const Node& node) {
  size_t nodes = 1;
  for (const Node& item : node.items) nodes += count_nodes(item);
  for (const NodeEntry& entry : node.entries) nodes += count_nodes(entry.value);
  return nodes;
}

bool NodeBuilder::refuse(const char* code, std::string message, Mark mark, std::string hint) {
  fault(code, std::move(message), mark, std::move(hint));
  refused_ = true;
  return false;
}

void NodeBuilder::fault(const char* code, std::string message, Mark mark, std::string hint) {
  faults_.push_back({.kind = Error::Kind::bad_input,
                     .message = std::move(message),
                     .where = source_.at(mark),
                     .hint = std::move(hint),
                     .code = code,
                     .excerpt = source_.excerpt(mark)});
}

bool NodeBuilder::wants_key() const {
  return !open_.empty() && open_.back().node.kind == Node::Kind::map && !open_.back().has_key;
}

// A key written twice is remembered as a fault and read on, so that all faults are reported at
// once.
bool NodeBuilder::key(std::string text, Mark mark) {
  Open& map = open_.back();
  auto same = [&](const NodeEntry& entry) { return entry.key == text; };
  if (auto first = std::find_if(map.node.entries.begin(), map.node.entries.end(), same);
      first != map.node.entries.end())
    fault("HL-E0102", fmt::format("{} is written twice in one map", text), mark,
          first->mark.line ? fmt::format("it is already set at line {}; keep one", first->mark.line)
                           : "keep one");
  map.key = std::move(text);
  map.key_mark = mark;
  map.has_key = true;
  return true;
}

bool NodeBuilder::value(Node node) {
  nodes_ += node.kind == Node::Kind::scalar ? 1 : count_nodes(node);
  if (nodes_ > max_nodes)
    return refuse("HL-E0109", fmt::format("the document grows beyond {} values", max_nodes),
                  node.mark, "aliases of aliases multiply; write the values out");
  if (open_.empty()) {
    root_ = std::move(node);
  } else if (Open& parent = open_.back(); parent.node.kind == Node::Kind::list) {
    parent.node.items.push_back(std::move(node));
  } else {
    parent.node.entries.push_back({std::move(parent.key), parent.key_mark, std::move(node)});
    parent.has_key = false;
  }
  return true;
}

bool NodeBuilder::begin(Node::Kind kind, Mark mark) {
  if (depth() >= max_depth)
    return refuse("HL-E0109", fmt::format("nested deeper than {} levels", max_depth), mark);
  Open open;
  open.node.kind = kind;
  open.node.mark = mark;
  open_.push_back(std::move(open));
  return true;
}

bool NodeBuilder::end() {
  Node node = std::move(open_.back().node);
  open_.pop_back();
  return value(std::move(node));
}

Result<Parsed> NodeBuilder::finish() && {
  if (!refused_) return Parsed{std::move(root_), std::move(faults_)};
  return fail(gathered(std::move(faults_)));
}

}  // namespace heliu
