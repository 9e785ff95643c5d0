#include "spec/resolve.h"

#include <fmt/core.h>

#include <algorithm>

#include "spec/document.h"
#include "spec/reader.h"

namespace heliu {
namespace {

// A name that the catalog does not have, and the way to it from the top of the document.
struct Unknown {
  std::string message, hint;
  std::string island;  // "center/island"
  std::vector<std::string> path;
};

// Domains up to this size lie within a node, larger ones join nodes of a rack or row.
constexpr int largest_node = 16;

class Resolver {
 public:
  explicit Resolver(const Catalog& catalog) : catalog_(catalog) {}

  void resolve(Pool& pool) {
    for (size_t c = 0; c < pool.centers.size(); ++c)
      for (size_t i = 0; i < pool.centers[c].islands.size(); ++i) {
        Island& island = pool.centers[c].islands[i];
        island_ = pool.centers[c].name + "/" + island.name;
        path_ = {"centers", std::to_string(c), "islands", std::to_string(i)};
        resolve(island);
      }
  }

  std::vector<Unknown> unknown() && { return std::move(unknown_); }

 private:
  void resolve(Island& island) {
    NodeType& node = island.node;
    if (node.by_name) take_node(node);
    for (size_t i = 0; i < node.devices.size(); ++i) take_memory(node.devices[i], i);
    if (!node.devices.empty()) take_links(node, island.nodes);
    if (island.fabric.by_name) take_fabric(island.fabric, node.network);
    if (island.fabric.bandwidth.base() == 0 && island.fabric.kind != FabricKind::none)
      island.fabric.bandwidth = node.network;
  }

  void take_node(NodeType& node) {
    std::string name = node.model;
    const CatalogNode* known = find_node(catalog_, name);
    if (!known) return missing("node", name, catalog_.nodes, {"node"});
    node = known->node;
    node.model = name;
    node.by_name = true;
  }

  void take_memory(Accelerators& devices, size_t i) {
    const Chip* chip = find_chip(catalog_, devices.chip);
    if (!chip)
      return missing("chip", devices.chip, catalog_.chips,
                     {"node", "devices", std::to_string(i), "chip"});
    if (devices.memory.base() == 0) devices.memory = chip->memory.size;
  }

  void take_links(NodeType& node, int nodes) {
    const Chip* chip = find_chip(catalog_, node.devices[0].chip);
    if (!chip) return;
    ScaleUp& links = node.scale_up;
    if (links.kind.empty()) links.kind = chip->scale_up.kind;
    if (links.bandwidth.base() == 0) {
      links.bandwidth = chip->scale_up.bandwidth;
      links.in_network_reduction |= chip->scale_up.in_network_reduction;
      if (links.domain == 0) links.domain = chip->scale_up.domain;
    }
    // A domain is never larger than the devices there are.
    int most = node.devices[0].count * (links.domain > largest_node ? nodes : 1);
    links.domain = std::min(links.domain, most);
  }

  void take_fabric(Fabric& fabric, Bandwidth network) {
    std::string name = fabric.model;
    const CatalogFabric* known = find_fabric(catalog_, name);
    if (!known) return missing("fabric", name, catalog_.fabrics, {"fabric"});
    fabric = known->fabric;
    fabric.bandwidth = network.base() > 0 ? network : known->port;
    fabric.model = name;
    fabric.by_name = true;
  }

  template <class Thing>
  void missing(const char* kind, const std::string& name, const std::vector<Thing>& things,
               std::vector<std::string> field) {
    std::vector<std::string> names;
    for (const Thing& thing : things) names.push_back(thing.name);
    auto meant = did_you_mean(name, names);
    std::vector<std::string> path = path_;
    path.insert(path.end(), field.begin(), field.end());
    unknown_.push_back(
        {.message = fmt::format("the catalog has no {} called {}", kind, name),
         .hint = meant ? fmt::format("did you mean {}?", *meant) : "heliu catalog lists them",
         .island = island_,
         .path = std::move(path)});
  }

  const Catalog& catalog_;
  std::string island_;
  std::vector<std::string> path_;
  std::vector<Unknown> unknown_;
};

// What stands at the path, or as far along it as the text goes.
const Node& at(const Node& top, const std::vector<std::string>& path) {
  const Node* here = &top;
  for (const std::string& word : path) {
    const Node* next = nullptr;
    for (const NodeEntry& entry : here->entries)
      if (entry.key == word) next = &entry.value;
    if (here->kind == Node::Kind::list && std::stoul(word) < here->items.size())
      next = &here->items[std::stoul(word)];
    if (!next) break;
    here = next;
  }
  return *here;
}

}  // namespace

Result<Pool> resolve(Pool pool, const Catalog& catalog) {
  Resolver resolver(catalog);
  resolver.resolve(pool);
  std::vector<Error> faults;
  for (Unknown& unknown : std::move(resolver).unknown())
    faults.push_back({.kind = Error::Kind::bad_input,
                      .message = std::move(unknown.message),
                      .where = std::move(unknown.island),
                      .hint = std::move(unknown.hint),
                      .code = "HL-E0111"});
  if (!faults.empty()) return fail(gathered(std::move(faults)));
  return pool;
}

Result<Pool> read_pool(const SourceText& source, const Catalog& catalog) {
  auto pool = read_yaml<Pool>(source);
  if (!pool) return pool;
  Resolver resolver(catalog);
  resolver.resolve(*pool);
  std::vector<Unknown> unknown = std::move(resolver).unknown();
  if (unknown.empty()) return pool;
  // Parsed once more, for the places.
  auto parsed = parse_yaml(source);
  if (!parsed) return tl::unexpected(std::move(parsed.error()));
  Reader reader(source);
  for (const Unknown& name : unknown)
    reader.fault("HL-E0111", name.message, at(parsed->node, name.path), name.hint);
  return fail(std::move(reader).error());
}

}  // namespace heliu
