#include "spec/catalog.h"

#include <gtest/gtest.h>

#include "spec/document.h"

namespace heliu {
namespace {

SourceText chip_text(const std::string& sources) {
  return {"toy.yaml",
          "name: toy-1\ntitle: Toy 1\ntitle_zh: 玩具 一号\naliases: [t1]\nvendor: Toys\n"
          "peak: {fp32: 10 TFLOPS, bf16: 989 TFLOPS, fp8: 1979 TFLOPS, fp4: 4 PFLOPS}\n"
          "memory: {size: 80 GB, kind: HBM3, bandwidth: 3.35 TB/s}\n"
          "scale_up: {kind: NVLink 4, bandwidth: 450 GB/s, domain: 8}\n"
          "power: 700 W\nprice: 14.4 CNY/device-hour\nsources:\n" +
              sources};
}

constexpr const char* two_sources =
    "  - {source: datasheet of Toys, confidence: datasheet}\n"
    "  - {of: [power, peak.fp8], source: heard of, confidence: memory}\n"
    "  - {of: [peak], source: measured by us, confidence: measured}\n";

Catalog toys() { return {.chips = {*read_yaml<Chip>(chip_text(two_sources))}}; }

TEST(Chip, ReadsItsUnitsAndPrintsBack) {
  auto chip = read_yaml<Chip>(chip_text(two_sources));

  ASSERT_TRUE(chip) << describe(chip.error());
  EXPECT_DOUBLE_EQ(chip->peak.bf16.base(), 989e12);
  EXPECT_DOUBLE_EQ(chip->memory.bandwidth.base(), 3.35e12);
  EXPECT_EQ(chip->scale_up.domain, 8);
  auto again = read_yaml<Chip>({"again", to_yaml(*chip)});
  ASSERT_TRUE(again) << describe(again.error()) << to_yaml(*chip);
  EXPECT_EQ(to_yaml(*again), to_yaml(*chip));
}

TEST(Chip, ASourceMustSpeakOfAFieldThatIsThere) {
  auto chip =
      read_yaml<Chip>(chip_text("  - {source: a, confidence: datasheet}\n"
                                "  - {of: [peak.fp9], source: b, confidence: memory}\n"));

  ASSERT_FALSE(chip);
  EXPECT_EQ(chip.error().message, "a source speaks of a field that chip does not have: peak.fp9");
  EXPECT_EQ(chip.error().where, "toy.yaml:13:5");
}

TEST(Chip, AFigureWithoutASourceIsRefused) {
  auto chip = read_yaml<Chip>(chip_text(
      "  - {of: [peak, memory, scale_up.kind, scale_up.domain], source: a, confidence: memory}\n"));

  ASSERT_FALSE(chip);
  std::vector<std::string> messages{chip.error().message};
  for (const Error& other : chip.error().more) messages.push_back(other.message);
  EXPECT_EQ(messages, (std::vector<std::string>{"no source of toy-1 speaks of scale_up.bandwidth",
                                                "no source of toy-1 speaks of power",
                                                "no source of toy-1 speaks of price"}));
}

TEST(Chip, FormatsWithScalesHaveTheRateOfTheirPlainFormat) {
  Chip chip = toys().chips[0];

  EXPECT_DOUBLE_EQ(peak_of(chip, Precision::mxfp8).base(), 1979e12);
  EXPECT_DOUBLE_EQ(peak_of(chip, Precision::nvfp4).base(), 4e15);
  EXPECT_DOUBLE_EQ(peak_of(chip, Precision::fp16).base(), 0);
}

TEST(Catalog, FindsAChipByNameTitleAndAliasWhateverTheCase) {
  Catalog catalog = toys();

  for (const char* name : {"toy-1", "TOY-1", "toy 1", "玩具 一号", "T1"})
    EXPECT_EQ(find_chip(catalog, name), &catalog.chips[0]) << name;
  EXPECT_EQ(find_chip(catalog, "toy"), nullptr);
  EXPECT_EQ(find_chip(catalog, ""), nullptr);
}

TEST(Catalog, TheSourceThatNamesAFieldMostCloselyDecidesItsConfidence) {
  std::vector<Source> sources = toys().chips[0].sources;

  EXPECT_EQ(confidence_of(sources, "peak.fp8"), Confidence::memory);
  EXPECT_EQ(confidence_of(sources, "peak.bf16"), Confidence::measured);
  EXPECT_EQ(confidence_of(sources, "memory.size"), Confidence::datasheet);
  EXPECT_EQ(confidence_of({}, "memory.size"), Confidence::memory);
}

TEST(Catalog, OneNameForTwoChipsIsAContradiction) {
  Catalog catalog = toys();
  catalog.chips.push_back(catalog.chips[0]);
  catalog.chips[1] = {.name = "toy-2", .title = "Toy 2", .aliases = {"Toy 1"}};

  auto faults = contradictions(catalog);

  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].message, "two chips are called Toy 1: toy-1 and toy-2");
}

TEST(Catalog, ANodeOfUnknownChipsIsAContradiction) {
  Catalog catalog = toys();
  catalog.nodes.push_back({.name = "box", .node = {.devices = {{.chip = "T1", .count = 8}}}});
  EXPECT_TRUE(contradictions(catalog).empty());

  catalog.nodes[0].node.devices[0].chip = "t2";

  EXPECT_EQ(contradictions(catalog).size(), 1u);
}

}  // namespace
}  // namespace heliu
