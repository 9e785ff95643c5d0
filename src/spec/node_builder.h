// Puts a Node together from a parser's events, and refuses what no parser should let through.
#pragma once

#include <string>
#include <vector>

#include "spec/node.h"

namespace heliu {

class NodeBuilder {
 public:
  explicit NodeBuilder(const SourceText& source) : source_(source) {}

  // Each returns false once the document is refused; finish() then says why.
  bool key(std::string text, Mark mark);
  bool value(Node node);
  bool begin(Node::Kind kind, Mark mark);
  bool end();
  // A fault after which the reading goes on, and one that ends it.
  void fault(const char* code, std::string message, Mark mark, std::string hint = {});
  bool refuse(const char* code, std::string message, Mark mark, std::string hint = {});

  // Whether the next event of a map is a key.
  bool wants_key() const;
  const Node& last_opened() const { return open_.back().node; }
  int depth() const { return int(open_.size()); }
  // The document, unless something in it ended the reading.
  Result<Parsed> finish() &&;

 private:
  struct Open {
    Node node;
    std::string key;
    Mark key_mark;
    bool has_key = false;
  };

  const SourceText& source_;
  std::vector<Open> open_;
  Node root_;
  size_t nodes_ = 0;
  bool refused_ = false;
  std::vector<Error> faults_;
};

size_t count_nodes(const Node& node);

}  // namespace heliu
