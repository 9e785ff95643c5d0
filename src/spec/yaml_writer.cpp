// Writes a document's JSON as YAML for people: block style, quotes only where needed.
#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>
#include <string>

namespace heliu {
namespace {

void emit(YAML::Emitter& out, const nlohmann::ordered_json& json) {
  if (json.is_object()) {
    out << YAML::BeginMap;
    for (const auto& [key, value] : json.items()) {
      out << YAML::Key << key << YAML::Value;
      emit(out, value);
    }
    out << YAML::EndMap;
  } else if (json.is_array()) {
    bool flat = !json.empty() && !json.front().is_structured();
    out << (flat ? YAML::Flow : YAML::Block) << YAML::BeginSeq;
    for (const auto& value : json) emit(out, value);
    out << YAML::EndSeq;
  } else if (json.is_string()) {
    out << json.get<std::string>();
  } else {
    out << json.dump();
  }
}

}  // namespace

std::string yaml_of(const nlohmann::ordered_json& json) {
  YAML::Emitter out;
  emit(out, json);
  return std::string(out.c_str()) + "\n";
}

}  // namespace heliu
