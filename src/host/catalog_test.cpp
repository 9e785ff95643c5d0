#include "host/catalog.h"

#include <gtest/gtest.h>

#include "spec/resolve.h"

namespace heliu::host {
namespace {

using Texts = std::map<std::string, std::string>;

constexpr const char* toy =
    "name: toy\ntitle: Toy\nvendor: Toys\npeak: {bf16: 1 TFLOPS}\n"
    "sources: [{source: seen, confidence: memory}]\n";

// The sources of everything, with the name of what they speak of.
std::vector<std::pair<std::string, Source>> all_sources(const Catalog& catalog) {
  std::vector<std::pair<std::string, Source>> all;
  auto add = [&](const auto& things) {
    for (const auto& thing : things)
      for (const Source& source : thing.sources) all.emplace_back(thing.name, source);
  };
  add(catalog.chips);
  add(catalog.nodes);
  add(catalog.fabrics);
  return all;
}

Catalog ours() {
  static const Catalog catalog = [] {
    auto files = system_files();
    auto read = read_catalog(*files, catalog_folder());
    EXPECT_TRUE(read) << describe(read.error());
    return read ? *read : Catalog{};
  }();
  return catalog;
}

TEST(OurCatalog, KnowsTheDevicesOfPublishedMeasurements) {
  Catalog catalog = ours();

  EXPECT_GE(catalog.chips.size(), 51u);
  for (const char* chip :
       {"a100-80g", "a100-40g", "h100-sxm", "h100-96g-500w", "h200", "h200-nvl", "b200", "b300",
        "gb200", "gb300", "b200-or-gb200", "b200-power-limited", "mi300x", "mi325x"})
    EXPECT_TRUE(find_chip(catalog, chip)) << chip;
  EXPECT_EQ(find_chip(catalog, "昇腾 910B"), find_chip(catalog, "ascend-910b"));
}

TEST(OurCatalog, EveryRateIsPlausible) {
  for (const Chip& chip : ours().chips) {
    double bf16 = std::max(chip.peak.bf16, chip.peak.fp16).in(1.0_TFLOPS);
    EXPECT_GE(bf16, 20) << chip.name;
    EXPECT_LE(bf16, 5000) << chip.name;
    EXPECT_GE(chip.memory.bandwidth.in(1.0_GBps), 300) << chip.name;
    EXPECT_LE(chip.memory.bandwidth.in(1.0_GBps), 25000) << chip.name;
    EXPECT_LE(chip.power.base(), 1500) << chip.name;
    // Fewer bits are never slower, except where units for them were cut (Rubin's, B300's int8).
    EXPECT_TRUE(chip.peak.fp8.base() == 0 || chip.peak.fp8 >= chip.peak.bf16) << chip.name;
  }
}

TEST(OurCatalog, WhatIsRememberedBearsTheMarkAndWhatBearsAnotherIsPublished) {
  for (const auto& [name, source] : all_sources(ours())) {
    bool remembered = source.source.find("from memory") != std::string::npos ||
                      source.source.find("a guess") != std::string::npos;
    EXPECT_EQ(remembered, source.confidence == Confidence::memory) << name << ": " << source.source;
  }
}

TEST(OurCatalog, NoSourceIsAPathOfOneMachine) {
  for (const auto& [name, source] : all_sources(ours()))
    EXPECT_FALSE(source.source.starts_with("/")) << name << ": " << source.source;
}

TEST(OurCatalog, EveryNodeOnEveryFabricMakesAPool) {
  Catalog catalog = ours();
  EXPECT_GE(catalog.nodes.size(), 30u);
  EXPECT_GE(catalog.fabrics.size(), 15u);
  for (const CatalogNode& node : catalog.nodes)
    for (const CatalogFabric& fabric : catalog.fabrics) {
      Island island{.name = "i", .nodes = 1000};
      island.node.model = node.name;
      island.fabric.model = fabric.name;
      island.node.by_name = island.fabric.by_name = true;

      auto pool = resolve({.name = "p", .centers = {{.name = "c", .islands = {island}}}}, catalog);

      ASSERT_TRUE(pool) << node.name << " " << fabric.name << describe(pool.error());
      Island whole = pool->centers[0].islands[0];
      EXPECT_GT(whole.node.memory.base(), 0) << node.name;
      EXPECT_GT(whole.node.overhead.base(), 0) << node.name;
      EXPECT_GT(whole.fabric.bandwidth.base(), 0) << node.name;
      EXPECT_GT(whole.fabric.latency.base(), 0) << fabric.name;
      for (const Accelerators& devices : whole.node.devices)
        EXPECT_GT(devices.memory.base(), 0) << node.name;
    }
}

TEST(OurCatalog, ARackOfGb200IsOneDomainOf72) {
  Island island{.name = "i", .nodes = 18};
  island.node.model = "gb200-nvl72";
  island.node.by_name = true;

  auto pool = resolve({.name = "p", .centers = {{.name = "c", .islands = {island}}}}, ours());

  ASSERT_TRUE(pool) << describe(pool.error());
  EXPECT_EQ(pool->centers[0].islands[0].node.scale_up.domain, 72);
}

TEST(ReadCatalog, AllFaultsOfAllFilesAreToldAtOnce) {
  FakeFiles files(Texts{{"c/chips/a.yaml", "name: a\n"}, {"c/chips/b.yaml", "[]"}});

  auto catalog = read_catalog(files, "c");

  ASSERT_FALSE(catalog);
  EXPECT_EQ(catalog.error().where, "c/chips/a.yaml:1:1");
  EXPECT_EQ(catalog.error().message, "chip needs the field title");
  EXPECT_EQ(catalog.error().more.back().where, "c/chips/b.yaml:1:1");
}

TEST(ReadCatalog, AFileIsNamedAfterWhatIsInIt) {
  FakeFiles files(Texts{{"c/chips/tyo.yaml", toy}});

  auto catalog = read_catalog(files, "c");

  ASSERT_FALSE(catalog);
  EXPECT_EQ(catalog.error().hint, "rename it to toy.yaml");
}

TEST(ReadCatalog, OtherFilesAreLeftAlone) {
  FakeFiles files(Texts{{"c/chips/toy.yaml", toy}, {"c/chips/README.md", "#"}});

  auto catalog = read_catalog(files, "c");

  ASSERT_TRUE(catalog) << describe(catalog.error());
  EXPECT_EQ(catalog->chips.size(), 1u);
}

TEST(ReadCatalog, AnEmptyFolderIsNotACatalog) {
  FakeFiles files;

  EXPECT_EQ(read_catalog(files, "nowhere").error().kind, Error::Kind::not_found);
}

TEST(ReadCatalog, TheEnvironmentNamesTheFolder) {
  setenv("HELIU_CATALOG", "/elsewhere", 1);
  EXPECT_EQ(catalog_folder(), "/elsewhere");

  unsetenv("HELIU_CATALOG");
  EXPECT_TRUE(catalog_folder().ends_with("/catalog"));
}

}  // namespace
}  // namespace heliu::host
