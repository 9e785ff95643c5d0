#include "spec/resolve.h"

#include <gtest/gtest.h>

#include "spec/document.h"

namespace heliu {
namespace {

Catalog catalog() {
  Chip h100{.name = "h100",
            .aliases = {"H100 SXM"},
            .memory = {.size = 80.0_GB},
            .scale_up = {.kind = "NVLink 4", .bandwidth = 450.0_GBps, .domain = 8}};
  Chip gb200{.name = "gb200",
             .memory = {.size = 186.0_GB},
             .scale_up = {.kind = "NVLink 5", .bandwidth = 900.0_GBps, .domain = 72}};
  CatalogNode dgx{.name = "dgx-h100",
                  .node = {.processor = {.cores = 112},
                           .memory = 2000.0_GB,
                           .devices = {{.chip = "h100", .count = 8}},
                           .network = 400.0_GBps}};
  CatalogFabric ndr{.name = "infiniband-ndr",
                    .port = 50.0_GBps,
                    .fabric = {.kind = FabricKind::fat_tree, .latency = 2.0_us}};
  return {.chips = {h100, gb200}, .nodes = {dgx}, .fabrics = {ndr}};
}

SourceText text_of(const std::string& island) {
  return {"p.yaml",
          "pool: p\ncenters:\n- name: a\n  islands:\n  - name: i\n    nodes: 4\n" + island};
}

constexpr const char* by_name = "    node: dgx-h100\n    fabric: infiniband-ndr\n";
constexpr const char* inline_node =
    "    node: {processor: {cores: 8}, memory: 1 TB, devices: [{chip: H100 SXM, count: 4}]}\n";

Island read_island(const std::string& island) {
  auto pool = read_pool(text_of(island), catalog());
  EXPECT_TRUE(pool) << describe(pool.error());
  return pool ? pool->centers[0].islands[0] : Island{};
}

TEST(Resolve, ANodeAndAFabricAreTakenFromTheCatalog) {
  Island island = read_island(by_name);

  EXPECT_EQ(island.node.processor.cores, 112);
  EXPECT_EQ(island.node.devices[0].memory, 80.0_GB);
  EXPECT_EQ(island.node.scale_up.bandwidth, 450.0_GBps);
  EXPECT_EQ(island.node.scale_up.domain, 8);
  EXPECT_EQ(island.fabric.kind, FabricKind::fat_tree);
  EXPECT_EQ(island.fabric.bandwidth, 400.0_GBps);
}

TEST(Resolve, WhatWasNamedIsWrittenAsItsName) {
  auto pool = read_pool(text_of(by_name), catalog());

  std::string text = to_yaml(*pool);

  EXPECT_NE(text.find("node: dgx-h100\n"), std::string::npos) << text;
  EXPECT_NE(text.find("fabric: infiniband-ndr\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("cores"), std::string::npos) << text;
}

TEST(Resolve, ResolvingTwiceChangesNothing) {
  auto once = read_pool(text_of(by_name), catalog());

  auto twice = resolve(*once, catalog());

  EXPECT_EQ(twice->centers[0].islands[0].node.memory, once->centers[0].islands[0].node.memory);
  EXPECT_EQ(to_line(*twice), to_line(*once));
}

TEST(Resolve, AFabricByNameHasThePortsBandwidthWhereTheNodeNamesNone) {
  Island island = read_island(inline_node + std::string("    fabric: InfiniBand-NDR\n"));

  EXPECT_EQ(island.fabric.bandwidth, 50.0_GBps);
}

TEST(Resolve, AnInlineNodeGetsMemoryAndLinksOfItsChip) {
  Island island = read_island(inline_node);

  EXPECT_EQ(island.node.devices[0].memory, 80.0_GB);
  EXPECT_EQ(island.node.scale_up.kind, "NVLink 4");
  EXPECT_EQ(island.node.scale_up.domain, 4);
}

TEST(Resolve, ADomainOfARackJoinsNodesAsFarAsThereAre) {
  std::string node =
      "    node: {processor: {cores: 8}, memory: 1 TB, devices: [{chip: gb200, count: 4}]}\n";

  EXPECT_EQ(read_island(node).node.scale_up.domain, 16);
}

TEST(Resolve, WhatTheFileSaysStays) {
  Island island = read_island(
      "    node: {processor: {cores: 8}, memory: 1 TB, devices: [{chip: h100, count: 8, memory: 96 "
      "GB}],\n           scale_up: {bandwidth: 200 GB/s, domain: 2}}\n");

  EXPECT_EQ(island.node.devices[0].memory, 96.0_GB);
  EXPECT_EQ(island.node.scale_up.bandwidth, 200.0_GBps);
  EXPECT_EQ(island.node.scale_up.domain, 2);
}

TEST(Resolve, UnknownNamesAreAllToldWithTheirPlaces) {
  auto pool = read_pool(text_of("    node: dgx-h10\n    fabric: ndr\n  - name: j\n    node:\n"
                                "      processor: {cores: 8}\n      memory: 1 TB\n"
                                "      devices: [{chip: h10, count: 8}]\n"),
                        catalog());

  ASSERT_FALSE(pool);
  EXPECT_EQ(pool.error().message, "the catalog has no node called dgx-h10");
  EXPECT_EQ(pool.error().where, "p.yaml:7:11");
  EXPECT_EQ(pool.error().hint, "did you mean dgx-h100?");
  EXPECT_EQ(pool.error().excerpt, "      node: dgx-h10\n            ^");
  EXPECT_EQ(pool.error().more.at(0).where, "p.yaml:8:13");
  EXPECT_EQ(pool.error().more.at(0).hint, "heliu catalog lists them");
  EXPECT_EQ(pool.error().more.at(1).where, "p.yaml:13:24");
}

TEST(Resolve, APoolWithoutItsFileNamesTheIsland) {
  auto pool = read_yaml<Pool>(text_of("    node: dgx-h10\n"));

  auto resolved = resolve(*pool, catalog());

  EXPECT_EQ(resolved.error().where, "a/i");
  EXPECT_EQ(resolved.error().code, "HL-E0111");
}

}  // namespace
}  // namespace heliu
