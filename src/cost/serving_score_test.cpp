#include "cost/serving_score.h"

#include <gtest/gtest.h>

namespace heliu::cost {
namespace {

const char* const heading =
    "source,accelerator,accelerators,model,scenario,input_len,output_len,tp,pp,precision,result,"
    "units,requests\n";
const char* const models =
    "model,family,layers,hidden,heads,kv_heads,head_size,feed_forward,gated,vocabulary,experts,"
    "active,shared,expert_feed_forward,dense_layers\n"
    "Llama,llama,80,8192,64,8,128,28672,yes,32000,,,,,\n";

std::vector<RowScore> scores(const std::string& row) {
  auto rows = read_served({"runs.csv", heading + row});
  auto known = read_served_models({"models.csv", models});
  Catalog catalog;
  Chip chip;
  chip.name = "fast";
  chip.peak.bf16 = OperationRate::of(1e15);
  chip.peak.fp8 = OperationRate::of(2e15);
  chip.memory = {Bytes::of(141e9), "HBM", Bandwidth::of(4.8e12)};
  catalog.chips = {chip};
  return score_serving(rows.value(), known.value(), catalog, {}, {});
}

TEST(ServingScore, SetsTheForecastBesideAnOfflineRun) {
  auto all = scores("x,fast,1,Llama,offline max throughput,128,2048,1,1,FP8,4000,tokens/s,3000\n");

  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].status, RowStatus::ok) << all[0].reason;
  EXPECT_EQ(all[0].group, "fast dense");
  EXPECT_EQ(all[0].measured, 4000);
  EXPECT_GT(all[0].forecast, 0);
}

TEST(ServingScore, TakesTheBatchThatTheRowSays) {
  double one = scores("x,fast,1,Llama,batch 1,128,128,1,1,FP8,50,tokens/s,1\n")[0].forecast;
  double many = scores("x,fast,1,Llama,batch 32,128,128,1,1,FP8,50,tokens/s,32\n")[0].forecast;

  EXPECT_GT(many, 10 * one);
}

TEST(ServingScore, SaysWhyARowCannotBeCompared) {
  auto reason = [](const std::string& row) {
    auto all = scores(row);
    return all[0].status == RowStatus::ok ? "" : all[0].reason;
  };

  EXPECT_EQ(reason("x,fast,8,Llama,Offline,,,,,FP8,9,Tokens/s,\n"),
            "lengths of prompt and answer are not said");
  EXPECT_EQ(reason("x,fast,8,Llama,Offline,1,1,,,FP8,9,Tokens/s,\n"), "the layout is not said");
  EXPECT_EQ(reason("x,slow,1,Llama,Offline,1,1,1,1,FP8,9,Tokens/s,1\n"),
            "the catalog has no chip slow");
  EXPECT_EQ(reason("x,fast,1,Lama,Offline,1,1,1,1,FP8,9,Tokens/s,1\n"), "model is not known: Lama");
  EXPECT_EQ(reason("x,fast,1,Llama,batch 9999,9999,9999,1,1,FP8,9,Tokens/s,9999\n"),
            "by the forecast it does not fit into memory");
  EXPECT_EQ(reason("x,fast,1,Llama,Offline,1,one,1,1,FP8,9,Tokens/s,1\n"),
            "output_len is not a number: one");
}

}  // namespace
}  // namespace heliu::cost
