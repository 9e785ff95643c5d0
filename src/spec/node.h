// A document before it means anything: scalars, lists and maps, each with its place in the text.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace heliu {

struct NodeEntry;

struct Node {
  enum class Kind { null, scalar, list, map };

  Kind kind = Kind::null;
  std::string text;     // of a scalar
  bool quoted = false;  // the scalar is text even if it looks like a number
  Mark mark;
  std::vector<Node> items;
  std::vector<NodeEntry> entries;  // in the order written
};

struct NodeEntry {
  std::string key;
  Mark mark;
  Node value;
};

// Nesting deeper than this, or more nodes, is refused: nobody writes it, attackers do.
constexpr int max_depth = 64;
constexpr size_t max_nodes = 2'000'000;

// A text that could be read, and the faults that did not keep it from being read on (a key twice).
struct Parsed {
  Node node;
  std::vector<Error> faults;
};

// YAML 1.2 with one document. Refused with HL-E0101: bytes that are not UTF-8, syntax errors,
// several documents, tags, keys that are not plain; HL-E0102: a key twice in one map; HL-E0109: an
// anchor that contains itself, or growth by aliases.
Result<Parsed> parse_yaml(const SourceText& source);

// JSON (RFC 8259), without places except for syntax errors.
Result<Parsed> parse_json(const SourceText& source);

nlohmann::ordered_json to_json(const Node& node);

}  // namespace heliu
