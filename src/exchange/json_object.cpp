#include "exchange/json_object.h"

#include <fmt/core.h>

#include <charconv>

#include "exchange/json_place.h"

namespace heliu::exchange {
namespace {

const char* kind_of(const Node& node) {
  if (node.kind == Node::Kind::list) return "a list";
  if (node.kind == Node::Kind::map) return "an object";
  return "null";
}

std::string shown(const Node& node) {
  if (node.kind != Node::Kind::scalar) return kind_of(node);
  return node.quoted ? "\"" + node.text + "\"" : node.text;
}

}  // namespace

JsonObject::JsonObject(const SourceText& source, const Node& object, std::vector<std::string> path)
    : source_(source), object_(object), path_(std::move(path)) {}

const Node* JsonObject::find(const std::string& key) const {
  for (const NodeEntry& entry : object_.entries)
    if (entry.key == key) return entry.value.kind == Node::Kind::null ? nullptr : &entry.value;
  return nullptr;
}

bool JsonObject::stands(const std::string& key) const {
  for (const NodeEntry& entry : object_.entries)
    if (entry.key == key) return true;
  return false;
}

void JsonObject::fault(const char* code, std::string message, const std::string& key,
                       std::string hint) {
  std::vector<std::string> path = path_;
  path.push_back(key);
  Mark mark = place_of(source_, path);
  faults_.push_back({.kind = Error::Kind::bad_input,
                     .message = std::move(message),
                     .where = source_.at(mark),
                     .hint = std::move(hint),
                     .code = code,
                     .excerpt = source_.excerpt(mark)});
}

std::optional<int64_t> JsonObject::whole(const std::string& key) {
  const Node* node = find(key);
  if (!node) return {};
  int64_t value = 0;
  const char* end = node->text.data() + node->text.size();
  auto [rest, status] = std::from_chars(node->text.data(), end, value);
  bool number = node->kind == Node::Kind::scalar && !node->quoted && !node->text.empty();
  if (number && status == std::errc::result_out_of_range)
    fault("HL-E0105", fmt::format("{} is out of range: {}", key, node->text), key);
  else if (!number || rest != end || status != std::errc{})
    fault("HL-E0104", fmt::format("{} must be a whole number: {}", key, shown(*node)), key);
  else
    return value;
  return {};
}

std::optional<bool> JsonObject::flag(const std::string& key) {
  const Node* node = find(key);
  if (!node) return {};
  bool known = node->kind == Node::Kind::scalar && !node->quoted &&
               (node->text == "true" || node->text == "false");
  if (known) return node->text == "true";
  fault("HL-E0104", fmt::format("{} must be true or false: {}", key, shown(*node)), key);
  return {};
}

std::optional<std::string> JsonObject::text(const std::string& key) {
  const Node* node = find(key);
  if (!node) return {};
  if (node->kind == Node::Kind::scalar && node->quoted) return node->text;
  fault("HL-E0104", fmt::format("{} must be text: {}", key, shown(*node)), key);
  return {};
}

std::vector<int64_t> JsonObject::whole_list(const std::string& key) {
  std::vector<int64_t> list;
  for (const std::string& item : text_list(key)) {
    int64_t value = 0;
    auto [rest, status] = std::from_chars(item.data(), item.data() + item.size(), value);
    if (status == std::errc{} && rest == item.data() + item.size())
      list.push_back(value);
    else
      fault("HL-E0104", fmt::format("{} must hold whole numbers: {}", key, item), key);
  }
  return list;
}

std::vector<std::string> JsonObject::text_list(const std::string& key) {
  const Node* node = find(key);
  if (!node) return {};
  std::vector<std::string> list;
  if (node->kind != Node::Kind::list)
    fault("HL-E0104", fmt::format("{} must be a list: {}", key, shown(*node)), key);
  else
    for (const Node& item : node->items)
      list.push_back(item.kind == Node::Kind::scalar ? item.text : kind_of(item));
  return list;
}

int64_t JsonObject::number(const std::string& key, const FieldInfo& field,
                           std::optional<int64_t> standard, int64_t least) {
  size_t before = faults_.size();
  std::optional<int64_t> value = whole(key);
  if (!value) {
    if (!standard && faults_.size() == before)
      fault("HL-E0106", fmt::format("the configuration needs the key {}", key), key,
            std::string(field.meaning.en));
    return standard.value_or(0);
  }
  if (*value < least)
    fault("HL-E0105", fmt::format("{} must be at least {}: {}", key, least, *value), key);
  else if (field.maximum && double(*value) > *field.maximum)
    fault("HL-E0105", fmt::format("{} must be at most {}: {}", key, *field.maximum, *value), key);
  else
    return *value;
  return 0;
}

}  // namespace heliu::exchange
