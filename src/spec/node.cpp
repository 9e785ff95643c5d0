#include "spec/node.h"

#include <nlohmann/json.hpp>

namespace heliu {
namespace {

using Json = nlohmann::ordered_json;

// A bare word is a number, true, false or null where JSON says so, else text.
Json scalar(const Node& node) {
  if (node.quoted) return node.text;
  Json value = Json::parse(node.text, nullptr, false);
  return value.is_discarded() || value.is_structured() || value.is_string() ? Json(node.text)
                                                                            : value;
}

}  // namespace

Json to_json(const Node& node) {
  Json value;
  switch (node.kind) {
    case Node::Kind::null:
      return nullptr;
    case Node::Kind::scalar:
      return scalar(node);
    case Node::Kind::list:
      value = Json::array();
      for (const Node& item : node.items) value.push_back(to_json(item));
      return value;
    case Node::Kind::map:
      value = Json::object();
      for (const NodeEntry& entry : node.entries) value[entry.key] = to_json(entry.value);
      return value;
  }
  return value;
}

}  // namespace heliu
