// The catalog: chips, nodes, fabrics and prices as published, each number with its source and how
// far it may be trusted. Data in catalog/, one file a thing; pools refer to it by name.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "spec/pool.h"
#include "spec/precision.h"

namespace heliu {

// From best to worst. What is remembered is never calibrated with.
enum class Confidence { measured, datasheet, derived, memory };
constexpr std::array<std::string_view, 4> confidence_names = {"measured", "datasheet", "derived",
                                                              "memory"};
constexpr std::string_view name(Confidence confidence) {
  return confidence_names[size_t(confidence)];
}

// Where the fields named in `of` come from.
struct Source {
  std::vector<std::string> of;  // "peak", "memory", "power", ...; empty: all
  std::string source;
  Confidence confidence = Confidence::memory;
};

// Dense peak rates, without sparsity; 0: not supported or not published. fp8 counts for mxfp8, fp4
// for nvfp4.
struct Peak {
  OperationRate fp64, fp32, tf32, fp16, bf16, fp8, int8, fp4;
};

struct DeviceMemory {
  Bytes size;
  std::string kind;  // "HBM3"
  Bandwidth bandwidth;
};

struct Chip {
  std::string name;   // "h100-sxm"
  std::string title;  // "NVIDIA H100 SXM"
  std::string title_zh;
  std::vector<std::string> aliases;
  std::string vendor;
  std::string architecture;  // "hopper": chips of one are calibrated with a view to each other
  Peak peak;
  // Share of bf16 peak that the best-shaped matrix product was measured to reach.
  std::optional<double> best_matmul;
  DeviceMemory memory;
  ScaleUp scale_up;
  Watts power;  // thermal design power
  std::optional<HourlyPrice> price;
  std::vector<Source> sources;
};

struct CatalogNode {
  std::string name;  // "dgx-h100"
  std::string title;
  std::vector<std::string> aliases;
  NodeType node;
  std::vector<Source> sources;
};

struct CatalogFabric {
  std::string name;  // "infiniband-ndr"
  std::string title;
  std::vector<std::string> aliases;
  Bandwidth port;  // of one port, one direction
  Fabric fabric;   // its bandwidth is left to the nodes
  std::vector<Source> sources;
};

struct Catalog {
  std::vector<Chip> chips;
  std::vector<CatalogNode> nodes;
  std::vector<CatalogFabric> fabrics;
};

// Of a chip in this precision; 0 where it has none. nvfp4 and mxfp8 are their plain formats' rates.
OperationRate peak_of(const Chip& chip, Precision precision);

// By name, title or alias, letters' case ignored; null where there is none.
const Chip* find_chip(const Catalog& catalog, const std::string& name);
const CatalogNode* find_node(const Catalog& catalog, const std::string& name);
const CatalogFabric* find_fabric(const Catalog& catalog, const std::string& name);

// Where the value of a field ("memory.bandwidth") is from: the source that names it most closely,
// the more trusted one of equals; null where none does.
const Source* source_of(const std::vector<Source>& sources, const std::string& field);

// How far it may be trusted, as that source says; memory where there is none.
Confidence confidence_of(const std::vector<Source>& sources, const std::string& field);

// Every name, title and alias.
std::vector<std::string> all_names(const Catalog& catalog);

// Names that stand for two things, and chips of nodes that are not there.
std::vector<Error> contradictions(const Catalog& catalog);

}  // namespace heliu
