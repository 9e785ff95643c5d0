// YAML, by yaml-cpp's events. The library itself accepts keys written twice (the first wins) and
// anchors that contain themselves; both are refused here.
#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <map>
#include <sstream>

#include "spec/node_builder.h"

namespace heliu {
namespace {

// Carries the builder's refusal out of the parser.
struct Refused {};

// yaml-cpp counts lines and columns from 0, and columns in bytes.
Mark place(const SourceText& source, const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  size_t start = size_t(mark.pos) - std::min<size_t>(size_t(mark.column), size_t(mark.pos));
  int column = 1;
  for (size_t at = start; at < size_t(mark.pos) && at < source.text.size(); ++at)
    if ((static_cast<unsigned char>(source.text[at]) & 0xC0) != 0x80) ++column;
  return {mark.line + 1, column};
}

class Events : public YAML::EventHandler {
 public:
  Events(const SourceText& source, NodeBuilder& builder) : source_(source), builder_(builder) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    put({.kind = Node::Kind::null, .mark = place(source_, mark)}, anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Mark at = place(source_, mark);
    // "?": a plain scalar; "!": a quoted one (YAML 1.2, section 6.9.1).
    if (tag != "?" && tag != "!" && !tag.empty())
      stop("HL-E0101", fmt::format("tags are not used here: {}", tag), at);
    put({.kind = Node::Kind::scalar, .text = value, .quoted = tag == "!", .mark = at}, anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Mark at = place(source_, mark);
    auto known = anchored_.find(anchor);
    if (known == anchored_.end())
      stop("HL-E0109", "an anchor contains itself", at, "write the value out");
    put(known->second, 0);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::list, mark, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::map, mark, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  [[noreturn]] void stop(const char* code, std::string message, Mark at, std::string hint = {}) {
    builder_.refuse(code, std::move(message), at, std::move(hint));
    throw Refused{};
  }

  void put(Node node, YAML::anchor_t anchor) {
    Mark at = node.mark;
    if (builder_.wants_key()) {
      if (node.kind != Node::Kind::scalar) stop("HL-E0101", "a key must be a plain word", at);
      if (node.text == "<<" && !node.quoted)
        stop("HL-E0101", "merge keys (<<) are not used here", at, "write the fields out");
      builder_.key(std::move(node.text), at);
      return;
    }
    if (anchor) anchored_[anchor] = node;
    if (!builder_.value(std::move(node))) throw Refused{};
  }

  void open(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    Mark at = place(source_, mark);
    if (builder_.wants_key()) stop("HL-E0101", "a key must be a plain word", at);
    if (!builder_.begin(kind, at)) throw Refused{};
    anchors_.push_back(anchor);
  }

  void close() {
    YAML::anchor_t anchor = anchors_.back();
    anchors_.pop_back();
    if (anchor) anchored_[anchor] = builder_.last_opened();
    if (!builder_.end()) throw Refused{};
  }

  const SourceText& source_;
  NodeBuilder& builder_;
  std::map<YAML::anchor_t, Node> anchored_;  // complete values only, so a cycle finds nothing
  std::vector<YAML::anchor_t> anchors_;      // of the values that are open
};

}  // namespace

Result<Parsed> parse_yaml(const SourceText& source) {
  if (auto text = decode_utf8(source); !text) {
    text.error().code = "HL-E0101";
    return tl::unexpected(std::move(text.error()));
  }
  NodeBuilder builder(source);
  try {
    std::istringstream stream(source.text);
    YAML::Parser parser(stream);
    Events events(source, builder);
    if (parser.HandleNextDocument(events) && parser) {
      NodeBuilder second(source);
      Events more(source, second);
      if (parser.HandleNextDocument(more))
        builder.refuse("HL-E0101", "a file holds one document; here is another", {},
                       "remove the second ---");
    }
  } catch (const Refused&) {
  } catch (const YAML::ParserException& error) {
    builder.refuse("HL-E0101", "not YAML: " + error.msg, place(source, error.mark));
  } catch (const YAML::Exception& error) {
    builder.refuse("HL-E0101", "not YAML: " + error.msg, {});
  }
  return std::move(builder).finish();
}

}  // namespace heliu
