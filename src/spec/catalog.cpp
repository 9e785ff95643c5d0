#include "spec/catalog.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <map>

namespace heliu {
namespace {

// ASCII only: Chinese has no case.
std::string lower(std::string text) {
  for (char& c : text) c = char(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::vector<std::string> names_of_thing(const Chip& chip) {
  std::vector<std::string> names{chip.name, chip.title, chip.title_zh};
  names.insert(names.end(), chip.aliases.begin(), chip.aliases.end());
  return names;
}
std::vector<std::string> names_of_thing(const CatalogNode& node) {
  std::vector<std::string> names{node.name, node.title};
  names.insert(names.end(), node.aliases.begin(), node.aliases.end());
  return names;
}
std::vector<std::string> names_of_thing(const CatalogFabric& fabric) {
  std::vector<std::string> names{fabric.name, fabric.title};
  names.insert(names.end(), fabric.aliases.begin(), fabric.aliases.end());
  return names;
}

template <class Thing>
const Thing* find(const std::vector<Thing>& things, const std::string& name) {
  std::string wanted = lower(name);
  for (const Thing& thing : things)
    for (const std::string& known : names_of_thing(thing))
      if (!known.empty() && lower(known) == wanted) return &thing;
  return nullptr;
}

// How long a part of `field` the source's path is: all of it, a table around it, or nothing (-1).
int closeness(const std::string& path, const std::string& field) {
  if (path == field) return int(path.size());
  return field.starts_with(path + ".") ? int(path.size()) : -1;
}

template <class Thing>
void find_twins(const char* kind, const std::vector<Thing>& things, std::vector<Error>& faults) {
  std::map<std::string, std::string> owner;
  for (const Thing& thing : things)
    for (const std::string& name : names_of_thing(thing)) {
      auto [known, added] = owner.emplace(lower(name), thing.name);
      if (!added && !name.empty() && known->second != thing.name)
        faults.push_back({.kind = Error::Kind::bad_input,
                          .message = fmt::format("two {}s are called {}: {} and {}", kind, name,
                                                 known->second, thing.name),
                          .code = "HL-E0110"});
    }
}

}  // namespace

OperationRate peak_of(const Chip& chip, Precision precision) {
  switch (precision) {
    case Precision::fp32:
      return chip.peak.fp32;
    case Precision::tf32:
      return chip.peak.tf32;
    case Precision::fp16:
      return chip.peak.fp16;
    case Precision::bf16:
      return chip.peak.bf16;
    case Precision::fp8:
    case Precision::mxfp8:
      return chip.peak.fp8;
    case Precision::nvfp4:
      return chip.peak.fp4;
  }
  return {};
}

const Source* source_of(const std::vector<Source>& sources, const std::string& field) {
  const Source* best = nullptr;
  int closest = -1;
  for (const Source& source : sources) {
    int here = source.of.empty() ? 0 : -1;
    for (const std::string& path : source.of) here = std::max(here, closeness(path, field));
    if (here < 0 || here < closest) continue;
    if (!best || here > closest || source.confidence < best->confidence) best = &source;
    closest = here;
  }
  return best;
}

Confidence confidence_of(const std::vector<Source>& sources, const std::string& field) {
  const Source* source = source_of(sources, field);
  return source ? source->confidence : Confidence::memory;
}

std::vector<std::string> all_names(const Catalog& catalog) {
  std::vector<std::string> all;
  auto add = [&](const auto& things) {
    for (const auto& thing : things)
      for (std::string& name : names_of_thing(thing))
        if (!name.empty()) all.push_back(std::move(name));
  };
  add(catalog.chips);
  add(catalog.nodes);
  add(catalog.fabrics);
  return all;
}

const Chip* find_chip(const Catalog& catalog, const std::string& name) {
  return find(catalog.chips, name);
}
const CatalogNode* find_node(const Catalog& catalog, const std::string& name) {
  return find(catalog.nodes, name);
}
const CatalogFabric* find_fabric(const Catalog& catalog, const std::string& name) {
  return find(catalog.fabrics, name);
}

std::vector<Error> contradictions(const Catalog& catalog) {
  std::vector<Error> faults;
  find_twins("chip", catalog.chips, faults);
  find_twins("node", catalog.nodes, faults);
  find_twins("fabric", catalog.fabrics, faults);
  for (const CatalogNode& node : catalog.nodes)
    for (const Accelerators& devices : node.node.devices)
      if (!find_chip(catalog, devices.chip))
        faults.push_back({.kind = Error::Kind::bad_input,
                          .message = fmt::format("node {} holds a chip that is not in the "
                                                 "catalog: {}",
                                                 node.name, devices.chip),
                          .code = "HL-E0110"});
  return faults;
}

}  // namespace heliu
