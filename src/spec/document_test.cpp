#include "spec/document.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "spec/coefficients.h"
#include "spec/plan.h"
#include "spec/pool.h"
#include "spec/record.h"

namespace heliu {
namespace {

std::vector<std::string> places(const Error& error) {
  std::vector<std::string> all{error.where};
  for (const Error& other : error.more) all.push_back(other.where);
  return all;
}

TEST(Pool, ReadsUnitsAndPrintsBack) {
  SourceText source{"pool.yaml", R"(pool: southwest
centers:
  - name: guian
    aliases: [GA-01]
    electricity: 0.38 CNY/kWh
    islands:
      - name: h800
        node:
          processor: {cores: 96}
          memory: 2 TB
          devices: [{chip: H800, count: 8, memory: 80 GB}]
        nodes: 128
        fabric: {kind: fat-tree, bandwidth: 400 Gb/s, latency: 3 us}
        price: 14 CNY/device-hour
  - {name: wuhan, islands: []}
links:
  - {between: [guian, wuhan], bandwidth: 100 Gb/s, latency: 15 ms}
)"};

  auto pool = read_yaml<Pool>(source);

  ASSERT_TRUE(pool) << describe(pool.error());
  EXPECT_DOUBLE_EQ(pool->centers[0].islands[0].fabric.bandwidth.base(), 50e9);
  EXPECT_EQ(find_island(*pool, "GA-01/h800")->nodes, 128);
  auto again = read_yaml<Pool>({"again", to_yaml(*pool)});
  ASSERT_TRUE(again) << describe(again.error()) << to_yaml(*pool);
  EXPECT_EQ(to_yaml(*again), to_yaml(*pool));
}

TEST(Pool, ALinkToNowhereIsRefused) {
  auto pool = read_yaml<Pool>({"p.yaml",
                               "pool: p\ncenters: [{name: a, islands: []}]\nlinks: [{between: [a, "
                               "b], bandwidth: 1 GB/s, latency: 1 ms}]"});

  ASSERT_FALSE(pool);
  EXPECT_EQ(pool.error().message, "a link names a center that is not in the pool: b");
}

TEST(Yaml, AllFaultsAreReportedAtOnceWithTheirPlaces) {
  SourceText source{
      "p.yaml",
      "pool: p\ncentres: []\nlinks:\n  - {between: [a, b], bandwidth: 100, latency: 15 parsec}\n"};

  auto pool = read_yaml<Pool>(source);

  ASSERT_FALSE(pool);
  EXPECT_EQ(places(pool.error()),
            (std::vector<std::string>{"p.yaml:2:1", "p.yaml:4:34", "p.yaml:4:48", "p.yaml:1:1"}));
  EXPECT_EQ(pool.error().message, "pool has no field centres");
  EXPECT_EQ(pool.error().hint, "did you mean centers?");
  EXPECT_EQ(pool.error().excerpt, "  centres: []\n  ^");
}

TEST(Yaml, AKeyWrittenTwiceIsRefused) {
  auto pool = read_yaml<Pool>({"p.yaml", "pool: a\ncenters: []\npool: b\n"});

  ASSERT_FALSE(pool);
  EXPECT_EQ(pool.error().code, "HL-E0102");
  EXPECT_EQ(pool.error().where, "p.yaml:3:1");
  EXPECT_EQ(pool.error().hint, "it is already set at line 1; keep one");
}

TEST(Yaml, AKeyWrittenTwiceDoesNotHideOtherFaults) {
  auto pool = read_yaml<Pool>({"p.yaml", "pool: a\npool: b\ncentres: []\n"});

  ASSERT_FALSE(pool);
  EXPECT_EQ(places(pool.error()),
            (std::vector<std::string>{"p.yaml:2:1", "p.yaml:3:1", "p.yaml:1:1"}));
}

TEST(Yaml, AnAnchorThatContainsItselfIsRefused) {
  auto pool = read_yaml<Pool>({"p.yaml", "pool: p\ncenters: &x [*x]\n"});

  ASSERT_FALSE(pool);
  EXPECT_EQ(pool.error().code, "HL-E0109");
}

TEST(Yaml, AliasesThatMultiplyAreRefused) {
  std::string text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 9; ++i) {
    std::string last = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) text += (j ? "," : "") + last;
    text += "]\n";
  }

  auto pool = read_yaml<Pool>({"p.yaml", text});

  ASSERT_FALSE(pool);
  EXPECT_EQ(pool.error().code, "HL-E0109");
}

TEST(Yaml, AnAliasStandsForItsValue) {
  auto pool = read_yaml<Pool>({"p.yaml", "pool: &name p\ncenters: [{name: *name, islands: []}]\n"});

  ASSERT_TRUE(pool) << describe(pool.error());
  EXPECT_EQ(pool->centers[0].name, "p");
}

TEST(Yaml, BrokenTextSecondDocumentsTagsAndMergeKeysAreRefused) {
  for (const char* text :
       {"pool: [", "pool: p\ncenters: []\n---\npool: q\n", "pool: !!binary p\ncenters: []\n",
        "pool: p\n<<: {centers: []}\n", "{[a]: b}", "\tpool: p", "@", "pool: \"\\x\""}) {
    auto pool = read_yaml<Pool>({"p.yaml", text});
    ASSERT_FALSE(pool) << text;
    EXPECT_EQ(pool.error().code, "HL-E0101") << text << "\n" << describe(pool.error());
  }
}

TEST(Yaml, TextThatIsNotUtf8IsRefusedAtItsPlace) {
  auto pool = read_yaml<Pool>({"p.yaml", "pool: p\ncenters: [{name: \xb9\xf3, islands: []}]\n"});

  ASSERT_FALSE(pool);
  EXPECT_EQ(pool.error().code, "HL-E0101");
  EXPECT_EQ(pool.error().where, "p.yaml:2:18");
  EXPECT_EQ(pool.error().hint, "convert the file first, e.g. iconv -f GB18030 -t UTF-8");
}

TEST(Yaml, DeepNestingIsRefusedNotFollowed) {
  EXPECT_FALSE(read_yaml<Pool>({"p.yaml", std::string(100000, '[')}));
  EXPECT_FALSE(read_json<Plan>({"p.json", std::string(1000000, '[')}));
}

TEST(Yaml, AnEmptyFileSaysWhatIsNeeded) {
  auto pool = read_yaml<Pool>({"p.yaml", ""});

  ASSERT_FALSE(pool);
  EXPECT_EQ(pool.error().message, "pool must be a map of fields");
}

TEST(Json, AKeyWrittenTwiceIsRefused) {
  EXPECT_EQ(
      read_json<Plan>({"p.json", R"({"plan": "a", "plan": "b", "workload": {}})"}).error().code,
      "HL-E0102");
}

TEST(Json, SyntaxErrorsHaveTheirPlace) {
  EXPECT_EQ(read_json<Plan>({"p.json", "{\"plan\": 1,\n  oops}"}).error().where, "p.json:2:3");
}

TEST(Json, FieldsOfANewerVersionAreKept) {
  std::string line =
      R"({"event":"step","job":"j","rank":0,"time":1.5,"step":3,"loss":2.25,"from_the_future":{"a":[1,null,"x"]}})";

  auto record = read_json<Record>({"r", line});

  ASSERT_TRUE(record) << describe(record.error());
  EXPECT_EQ(to_line(*record), line);
}

TEST(Json, AWrongFieldNamesItsPath) {
  auto plan = read_json<Plan>(
      {"plan.json",
       R"({"plan":"p","workload":{"workload":"w","kind":"bench"},"parallel":{"dp":0}})"});

  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().where, "plan.json: parallel.dp");
}

TEST(Plan, SurvivesTheRoundTripBitByBit) {
  Plan plan;
  plan.id = "p1";
  plan.workload.name = "w";
  plan.workload.kind = WorkloadKind::bench;
  plan.forecast.step_time = Seconds::of(0.1234567890123456789);
  plan.forecast.breakdown = {{OperationClass::gemm, Seconds::of(1.0 / 3)}};
  plan.forecast.memory_parts.weights = Bytes::of(12345678);

  auto again = read_json<Plan>({"p", to_line(plan)});

  ASSERT_TRUE(again) << describe(again.error());
  EXPECT_EQ(again->forecast.step_time, plan.forecast.step_time);
  EXPECT_EQ(again->forecast.breakdown[0].time, plan.forecast.breakdown[0].time);
  EXPECT_EQ(to_line(*again), to_line(plan));
}

TEST(Record, AFileNameThatIsNotUtf8IsStillWritten) {
  Record record;
  record.path = "\xff/x";

  EXPECT_TRUE(read_json<Record>({"r", to_line(record)}));
}

TEST(Coefficients, SurviveTheRoundTrip) {
  Coefficients c;
  c.island = "host/cpu";
  c.kernels.push_back({.kernel = "gemm",
                       .precision = Precision::bf16,
                       .ranks = 2,
                       .threads = 1,
                       .m = 3,
                       .n = 4,
                       .k = 5,
                       .time = Seconds::of(1e-5)});
  c.corrections.push_back({.kind = OperationClass::loss, .factor = 1.25, .runs = 2});

  auto again = read_json<Coefficients>({"c", to_line(c)});

  ASSERT_TRUE(again) << describe(again.error());
  EXPECT_EQ(to_line(*again), to_line(c));
}

}  // namespace
}  // namespace heliu
