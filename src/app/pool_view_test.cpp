#include "app/pool_view.h"

#include <gtest/gtest.h>

namespace heliu::app {
namespace {

Catalog catalog() {
  return {.chips = {{.name = "toy",
                     .peak = {.bf16 = 100.0_TFLOPS},
                     .memory = {.size = 80.0_GB},
                     .power = Watts::of(400)}}};
}

Island island(int nodes) {
  Island island{.name = "i", .nodes = nodes};
  island.node.processor = {.model = "CPU", .cores = 64};
  island.node.memory = 1000.0_GB;
  island.node.devices = {{.chip = "toy", .count = 8, .memory = 80.0_GB}};
  island.node.scale_up = {.kind = "NVLink", .bandwidth = 300.0_GBps, .domain = 8};
  island.node.overhead = Watts::of(1800);
  island.fabric = {.kind = FabricKind::fat_tree,
                   .oversubscription = 2,
                   .bandwidth = 200.0_GBps,
                   .latency = 2.0_us};
  return island;
}

Pool pool() {
  return {.name = "p",
          .centers = {{.name = "a", .place = {.city = "Wuhan"}, .islands = {island(2)}},
                      {.name = "b", .islands = {island(1)}}},
          .links = {{.between = {"a", "b"}, .bandwidth = 1.0_GBps, .latency = 10.0_ms}}};
}

TEST(PoolView, AnIslandComesToItsNodesTimesTheirDevices) {
  IslandTotals sum = totals(island(2), catalog());

  EXPECT_EQ(sum.devices, 16);
  EXPECT_DOUBLE_EQ(sum.peak.base(), 1.6e15);
  EXPECT_DOUBLE_EQ(sum.memory.base(), 1.28e12);
  EXPECT_DOUBLE_EQ(sum.power.base(), 2 * 1800 + 16 * 400);
}

TEST(PoolView, TheTableEndsWithTheSum) {
  std::string text = pool_table(Language::en, pool(), catalog());

  EXPECT_NE(text.find("together              3       24        2.4 PFLOPS  1.92 TB"),
            std::string::npos)
      << text;
}

TEST(PoolView, TheTreeHangsEachThingUnderWhatHoldsIt) {
  EXPECT_EQ(pool_tree(Language::en, pool()),
            "p: 2 center(s)\n"
            "├─ a (Wuhan)\n"
            "│  └─ i: 2 node(s), fat-tree, 2:1, 200 GB/s, 2 us\n"
            "│     └─ 64 cores, CPU, 1 TB\n"
            "│        └─ 8 x toy: 80 GB, NVLink among 8, 300 GB/s\n"
            "├─ b\n"
            "│  └─ i: 1 node(s), fat-tree, 2:1, 200 GB/s, 2 us\n"
            "│     └─ 64 cores, CPU, 1 TB\n"
            "│        └─ 8 x toy: 80 GB, NVLink among 8, 300 GB/s\n"
            "└─ links\n"
            "   └─ a ~ b: 1 GB/s, 10 ms\n");
}

TEST(PoolView, SpelledOutItNeedsNoCatalog) {
  Pool named = pool();
  named.centers[0].islands[0].node.model = "box";
  named.centers[0].islands[0].node.by_name = true;

  Json json = spelled_out(named);

  EXPECT_EQ(json["centers"][0]["islands"][0]["node"]["model"], "box");
  EXPECT_EQ(json["centers"][0]["islands"][0]["node"]["processor"]["cores"], 64);
}

}  // namespace
}  // namespace heliu::app
