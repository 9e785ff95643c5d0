// The configurations of well-known models, for tests only.
#pragma once

#include <fstream>
#include <iterator>
#include <string>

#include "base/text.h"

namespace heliu::exchange::fixture {

// The config.json of a model, by its name: "llama-3-8b".
inline SourceText config(const std::string& name) {
  std::ifstream file(std::string(HELIU_FIXTURES) + "/" + name + ".json");
  return {name + ".json", {std::istreambuf_iterator<char>(file), {}}};
}

}  // namespace heliu::exchange::fixture
