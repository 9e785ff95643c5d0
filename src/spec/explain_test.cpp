#include "spec/explain.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "spec/document.h"
#include "spec/schema.h"
#include "spec/workload.h"

namespace heliu {
namespace {

TEST(Explain, AFieldHasMeaningTypeRange) {
  EXPECT_EQ(*explain("workload.model.layers", Language::en),
            "workload.model.layers\n  number of blocks\n  type: whole number\n  range: 1 .. "
            "10000\n  required: yes\n");
  EXPECT_EQ(*explain("workload.model.layers", Language::zh),
            "workload.model.layers\n  层数\n  类型: 整数\n  范围: 1 .. 10000\n  必填: 是\n");
}

TEST(Explain, WhatMayBeGivenByNameSaysSo) {
  EXPECT_NE(explain("pool.centers.islands.node", Language::en)->find("a name of the catalog"),
            std::string::npos);
  EXPECT_NE(explain("pool.centers.islands", Language::en)->find("node"), std::string::npos);
  EXPECT_EQ(explain("pool.centers", Language::en)->find("a name of the catalog"),
            std::string::npos);
}

TEST(Explain, AWrongWordGetsTheNearest) {
  auto text = explain("workload.model.layer", Language::en);

  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().hint, "did you mean layers?");
}

TEST(Explain, EveryFieldOfEveryDocumentSaysWhatItMeansInBothLanguages) {
  std::vector<const TableInfo*> open = documents();
  for (size_t i = 0; i < open.size(); ++i)
    for (const FieldInfo& field : open[i]->fields) {
      EXPECT_FALSE(field.meaning.en.empty()) << field.name;
      EXPECT_FALSE(field.meaning.zh.empty()) << field.name;
      if (field.nested) open.push_back(field.nested());
    }
  EXPECT_GT(open.size(), 15u);
}

TEST(Schema, AFieldMayStandForTheRequiredOnes) {
  auto model = json_schema(table<Workload>())["properties"]["model"];

  EXPECT_FALSE(model.contains("required"));
  EXPECT_EQ(model["anyOf"][0]["required"].size(), 4u);  // layers, hidden, heads, sequence
  EXPECT_EQ(model["anyOf"][1]["required"], (std::vector<std::string>{"huggingface"}));
}

TEST(Schema, RefusesUnknownFieldsOnlyWherePeopleWrite) {
  for (const TableInfo* document : documents())
    EXPECT_EQ(json_schema(*document)["additionalProperties"], document->machine) << document->name;
}

TEST(Schema, SaysTypesRangesAndUnits) {
  auto schema = json_schema(*documents()[1]);

  EXPECT_EQ(schema["properties"]["model"]["properties"]["layers"]["minimum"], 1);
  EXPECT_EQ(schema["properties"]["kind"]["enum"],
            (std::vector<std::string>{"train", "bench", "finetune", "serve"}));
  EXPECT_NE(schema["properties"]["goal"]["properties"]["deadline"]["pattern"].dump().find("h|d"),
            std::string::npos);
}

TEST(Schema, ANameMayStandForWhatTheCatalogHas) {
  auto schema = json_schema(*documents()[0]);

  auto island = schema["properties"]["centers"]["items"]["properties"]["islands"]["items"];

  EXPECT_EQ(island["properties"]["node"]["anyOf"][0]["type"], "string");
  EXPECT_EQ(island["properties"]["node"]["anyOf"][1]["type"], "object");
  EXPECT_EQ(island["properties"]["nodes"]["minimum"], 1);
}

}  // namespace
}  // namespace heliu
