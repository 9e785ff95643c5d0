#include "spec/evidence.h"

#include <gtest/gtest.h>

#include <map>

namespace heliu {
namespace {

using Fields = std::map<std::string, std::string>;

// A row that can be read, as columns; some of them changed.
Fields plain(const Fields& changes = {}) {
  Fields row{{"id", "one"},    {"group", "mine"},      {"chip", "h100-sxm"},  {"gpus", "8"},
             {"layers", "32"}, {"hidden", "4096"},     {"heads", "32"},       {"seq", "4096"},
             {"dp", "8"},      {"global_batch", "64"}, {"step_time_s", "2.5"}};
  for (const auto& [column, value] : changes) row[column] = value;
  return row;
}

std::string table(const std::vector<Fields>& rows) {
  std::string text;
  for (const std::string& column : measurement_columns()) text += column + ",";
  text.back() = '\n';
  for (const Fields& row : rows) {
    for (const std::string& column : measurement_columns())
      text += (row.contains(column) ? row.at(column) : "") + ",";
    text.back() = '\n';
  }
  return text;
}

Measurement read(const Fields& changes) {
  auto rows = read_measurements({"t.csv", table({plain(changes)})});
  EXPECT_TRUE(rows && rows->size() == 1);
  return rows && rows->size() == 1 ? rows->front() : Measurement{};
}
std::string fault(const Fields& changes) { return read(changes).fault; }

TEST(Measurements, AreReadByTheNamesOfTheirColumns) {
  Measurement m = read({{"tp", "2"},
                        {"dp", "4"},
                        {"sharding", "zero1"},
                        {"recompute", "selective"},
                        {"sequence_parallel", "yes"},
                        {"memory_gb", "61.5"},
                        {"params_b", "6.7"}});

  EXPECT_EQ(m.fault, "");
  EXPECT_EQ(m.line, 2);
  EXPECT_EQ(m.hidden, 4096);
  EXPECT_EQ(m.parallel.tp, 2);
  EXPECT_EQ(m.parallel.sharding, Sharding::zero1);
  EXPECT_EQ(m.parallel.recompute, Recompute::selective);
  EXPECT_TRUE(m.parallel.sequence_parallel);
  EXPECT_DOUBLE_EQ(*m.memory, 61.5e9);
  EXPECT_DOUBLE_EQ(m.parameters, 6.7e9);
  EXPECT_DOUBLE_EQ(m.step_time, 2.5);
}

TEST(Measurements, MayStandInColumnsOfAnyOrder) {
  std::string text = "note," + table({});
  text.pop_back();
  text += "\nx";
  for (const std::string& column : measurement_columns())
    text += "," + (plain().contains(column) ? plain().at(column) : "");

  auto rows = read_measurements({"t.csv", text});

  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->at(0).fault, "");
  EXPECT_EQ(rows->at(0).layers, 32);
}

TEST(Measurements, TellWhatTheyDoNotSay) {
  Measurement m = read({});

  EXPECT_FALSE(m.says_recompute || m.says_sharding || m.says_sequence_parallel);
  EXPECT_FALSE(m.memory);
  EXPECT_EQ(m.micro_batch, 1);
}

TEST(Measurements, GetTheirTimeFromTokensPerSecond) {
  // 64 x 4096 tokens at 8 x 4096 a second.
  EXPECT_DOUBLE_EQ(read({{"step_time_s", ""}, {"tokens_per_s_per_gpu", "4096"}}).step_time, 8);
}

TEST(Measurements, KeepRowsThatCannotBeReadWithWhatIsWrong) {
  EXPECT_EQ(fault({{"heads", "many"}}),
            "heads is not a number: many; layers, hidden, heads and seq must be given");
  EXPECT_EQ(fault({{"layers", "1.5"}}), "layers is not a whole number: 1.5");
  EXPECT_EQ(fault({{"sharding", "zero4"}}), "sharding is not known: zero4");
  EXPECT_EQ(fault({{"dp", "4"}}), "tp pp dp cp is 4, not gpus 8");
  EXPECT_EQ(fault({{"step_time_s", ""}}), "step_time_s or tokens_per_s_per_gpu must be given");
  EXPECT_EQ(fault({{"experts", "8"}}), "topk must be between 1 and experts");
  EXPECT_EQ(fault({{"vocab", "-1"}}), "vocab must be at least 0: -1");
  EXPECT_EQ(fault({{"memory_gb", "0"}}), "memory_gb must be at least 0.001: 0");
}

TEST(Measurements, RefuseNumbersThatNobodyHas) {
  EXPECT_EQ(fault({{"vocab", "1e300"}}), "vocab must be at most 1000000000: 1e300");
  EXPECT_EQ(fault({{"tp", "1e9"}}), "tp must be at most 16777216: 1e9");
  EXPECT_EQ(fault({{"vocab", "nan"}}), "vocab is not a number: nan");
  EXPECT_EQ(fault({{"vocab", "inf"}}), "vocab is not a number: inf");
  EXPECT_NE(fault({{"layers", "1e9"}}), "");
  EXPECT_NE(fault({{"hidden", std::string(400, '9')}}), "");
  EXPECT_EQ(fault({{"step_time_s", "1e-300"}}), "no step takes less than a microsecond");
}

TEST(Measurements, NameEveryFaultOfARow) {
  EXPECT_EQ(fault({{"vocab", "x"}, {"recompute", "some"}}),
            "vocab is not a number: x; recompute is not known: some");
}

TEST(Measurements, KeepEveryRowInOrder) {
  auto rows = read_measurements({"t.csv", table({plain(), plain({{"gpus", "?"}}), plain()})});

  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 3u);
  EXPECT_EQ(rows->at(0).fault, "");
  EXPECT_EQ(rows->at(1).fault, "gpus is not a number: ?; gpus must be given");
  EXPECT_EQ(rows->at(1).line, 3);
  EXPECT_EQ(rows->at(2).fault, "");
}

TEST(Measurements, WithMoreFieldsThanColumnsAreFaulty) {
  std::string text = table({plain()});
  text.insert(text.size() - 1, ",one more");

  auto rows = read_measurements({"t.csv", text});

  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->at(0).fault, "40 fields under 39 columns: text with commas needs quotes");
}

TEST(Measurements, NeedAllTheirColumns) {
  auto rows = read_measurements({"t.csv", "id,group\none,mine\n"});

  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().kind, Error::Kind::bad_input);
  EXPECT_TRUE(rows.error().message.starts_with("columns are missing: chip, gpus, "));
  EXPECT_EQ(rows.error().where, "t.csv:1");
  EXPECT_NE(rows.error().hint, "");
}

TEST(Measurements, OfAnEmptyTableAreAnError) {
  auto rows = read_measurements({"t.csv", "\n\n"});

  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().message, "the table is empty");
}

}  // namespace
}  // namespace heliu
