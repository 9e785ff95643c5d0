// JSON, by nlohmann's events, so that keys written twice and depth are seen.
#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "spec/node_builder.h"

namespace heliu {
namespace {

class Events : public nlohmann::json_sax<nlohmann::json> {
 public:
  Events(const SourceText& source, NodeBuilder& builder) : source_(source), builder_(builder) {}

  bool null() override { return builder_.value({}); }
  bool boolean(bool value) override { return bare(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return bare(fmt::format("{}", value)); }
  bool number_unsigned(number_unsigned_t value) override { return bare(fmt::format("{}", value)); }
  bool number_float(number_float_t, const string_t& written) override { return bare(written); }
  bool string(string_t& value) override {
    return builder_.value({.kind = Node::Kind::scalar, .text = std::move(value), .quoted = true});
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return builder_.begin(Node::Kind::map, {}); }
  bool key(string_t& name) override { return builder_.key(std::move(name), {}); }
  bool end_object() override { return builder_.end(); }
  bool start_array(size_t) override { return builder_.begin(Node::Kind::list, {}); }
  bool end_array() override { return builder_.end(); }

  bool parse_error(size_t position, const std::string& token,
                   const nlohmann::json::exception&) override {
    return builder_.refuse("HL-E0101", fmt::format("not JSON near: {}", token.substr(0, 40)),
                           place(position));
  }

 private:
  bool bare(std::string text) {
    return builder_.value({.kind = Node::Kind::scalar, .text = std::move(text)});
  }

  Mark place(size_t position) const {
    Mark mark{1, 1};
    for (size_t at = 0; at + 1 < position && at < source_.text.size(); ++at)
      mark = source_.text[at] == '\n' ? Mark{mark.line + 1, 1} : Mark{mark.line, mark.column + 1};
    return mark;
  }

  const SourceText& source_;
  NodeBuilder& builder_;
};

}  // namespace

Result<Parsed> parse_json(const SourceText& source) {
  NodeBuilder builder(source);
  Events events(source, builder);
  nlohmann::json::sax_parse(source.text, &events);
  return std::move(builder).finish();
}

}  // namespace heliu
