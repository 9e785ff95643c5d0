#include "train/checkpoint.h"

#include <gtest/gtest.h>

#include <barrier>
#include <filesystem>
#include <fstream>
#include <thread>

namespace heliu::train {
namespace {

namespace fs = std::filesystem;

// Two sections of one model in host memory.
struct Model {
  std::vector<float> values, moment;

  bool operator==(const Model&) const = default;
  std::vector<Section> sections() const {
    return {{{"values", "f32", values.size()}, std::as_bytes(std::span(values))},
            {{"first_moment", "f32", moment.size()}, std::as_bytes(std::span(moment))}};
  }
  std::vector<SectionTarget> targets() {
    return {{{"values", "f32", values.size()}, std::as_writable_bytes(std::span(values))},
            {{"first_moment", "f32", moment.size()}, std::as_writable_bytes(std::span(moment))}};
  }
};

Model model_of(float number) {
  return {std::vector<float>(1000, number), std::vector<float>(300, -number)};
}

Progress progress_at(int64_t step) { return {step, 7, step * 512, "tang300 6x384"}; }

class Checkpoints : public testing::Test {
 protected:
  Checkpoints() {
    std::string pattern = testing::TempDir() + "heliu-checkpoint-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~Checkpoints() override { fs::remove_all(folder_); }

  void save_step(int64_t step, int keep = 2) {
    Saving saving{.folder = folder_, .keep = keep};
    ASSERT_TRUE(save(saving, progress_at(step), model_of(float(step)).sections()));
  }

  // The newest step that can be loaded, checked to hold what was saved; -1 if there is none.
  int64_t newest_step() {
    auto newest = find_newest(folder_);
    if (!newest) return -1;
    Model model = model_of(0);
    EXPECT_TRUE(load(newest->checkpoint, 0, 1, model.targets()));
    EXPECT_EQ(model, model_of(float(newest->checkpoint.progress.step)));
    return newest->checkpoint.progress.step;
  }

  fs::path shard(const std::string& step) { return folder_ / step / "rank-00000.shard"; }

  // What the only skipped checkpoint was skipped for.
  std::string reason() {
    auto newest = find_newest(folder_);
    return newest && newest->skipped.size() == 1 ? newest->skipped[0].reason : "";
  }

  std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_))
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  fs::path folder_;
};

void flip_bit(const fs::path& path, std::streamoff from_end) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(-from_end, std::ios::end);
  char byte = char(file.get() ^ 1);
  file.seekp(-from_end, std::ios::end);
  file.put(byte);
}

TEST_F(Checkpoints, GiveBackWhatWasSaved) {
  save_step(120);

  auto newest = find_newest(folder_);

  ASSERT_TRUE(newest);
  EXPECT_EQ(newest->checkpoint.folder, (folder_ / "step-00000120").string());
  EXPECT_EQ(newest->checkpoint.progress, progress_at(120));
  EXPECT_TRUE(newest->skipped.empty());
  EXPECT_EQ(newest_step(), 120);
}

TEST_F(Checkpoints, NoneIsNotFound) {
  EXPECT_EQ(find_newest(folder_).error().kind, Error::Kind::not_found);
  EXPECT_EQ(find_newest(folder_ / "nowhere").error().kind, Error::Kind::not_found);
}

TEST_F(Checkpoints, OnlyTheNewestStay) {
  for (int64_t step : {1, 2, 3, 4}) save_step(step, 2);
  EXPECT_EQ(names(), (std::vector<std::string>{"step-00000003", "step-00000004"}));

  save_step(5, 1);
  EXPECT_EQ(names(), (std::vector<std::string>{"step-00000005"}));
}

TEST_F(Checkpoints, AreOrderedByNumberBeyondEightDigits) {
  save_step(99999999);
  save_step(100000000);

  EXPECT_EQ(newest_step(), 100000000);
}

TEST_F(Checkpoints, DamagedOnesDoNotCountAsKept) {
  for (int64_t step : {1, 2}) save_step(step, 2);
  fs::resize_file(shard("step-00000002"), 100);

  save_step(3, 2);

  EXPECT_EQ(names(), (std::vector<std::string>{"step-00000001", "step-00000002", "step-00000003"}));
}

TEST_F(Checkpoints, TheSameStepMayBeSavedAgain) {
  save_step(1);
  save_step(1);

  EXPECT_EQ(newest_step(), 1);
  EXPECT_EQ(names(), std::vector<std::string>{"step-00000001"});
}

class DamagedCheckpoint : public Checkpoints {
 protected:
  DamagedCheckpoint() {
    save_step(1);
    save_step(2);
  }
};

TEST_F(DamagedCheckpoint, CutShortIsPassedOver) {
  fs::resize_file(shard("step-00000002"), fs::file_size(shard("step-00000002")) - 1);

  EXPECT_EQ(newest_step(), 1);
  EXPECT_NE(reason().find("shard is not as long as the manifest says"), std::string::npos);
}

TEST_F(DamagedCheckpoint, CutInItsHeaderIsPassedOver) {
  for (uintmax_t length : {60, 10, 0}) {
    fs::resize_file(shard("step-00000002"), length);

    EXPECT_EQ(newest_step(), 1);
    EXPECT_NE(reason().find("cut short"), std::string::npos);
  }
}

TEST_F(DamagedCheckpoint, OneFlippedBitIsFoundAndTheSectionNamed) {
  flip_bit(shard("step-00000002"), 300 * 4 + 17);

  EXPECT_EQ(newest_step(), 1);
  EXPECT_NE(reason().find("section differs from its checksum: values"), std::string::npos);
}

TEST_F(DamagedCheckpoint, OneFlippedBitOfTheHeaderIsFound) {
  flip_bit(shard("step-00000002"), 1300 * 4 + 10);

  EXPECT_EQ(newest_step(), 1);
  EXPECT_NE(reason().find("shard's header differs from its checksum"), std::string::npos);
}

TEST_F(DamagedCheckpoint, MissingShardIsPassedOver) {
  fs::remove(shard("step-00000002"));

  EXPECT_EQ(newest_step(), 1);
  EXPECT_NE(reason().find("shard is missing"), std::string::npos);
}

TEST_F(DamagedCheckpoint, ShardOfAnotherCheckpointIsPassedOver) {
  fs::copy_file(shard("step-00000001"), shard("step-00000002"),
                fs::copy_options::overwrite_existing);

  EXPECT_EQ(newest_step(), 1);
  EXPECT_NE(reason().find("not the one the manifest was written for"), std::string::npos);
}

TEST_F(DamagedCheckpoint, MissingManifestIsPassedOver) {
  fs::remove(folder_ / "step-00000002/manifest.json");

  EXPECT_EQ(newest_step(), 1);
  EXPECT_NE(reason().find("manifest is missing"), std::string::npos);
}

TEST_F(DamagedCheckpoint, ChangedManifestIsPassedOver) {
  fs::path path = folder_ / "step-00000002/manifest.json";
  std::ifstream in(path);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  text.replace(text.find("\"seed\": 7"), 9, "\"seed\": 8");
  std::ofstream(path) << text;

  EXPECT_EQ(newest_step(), 1);
  EXPECT_NE(reason().find("manifest differs from its checksum"), std::string::npos);
}

TEST_F(DamagedCheckpoint, WithoutAnyGoodOneAllReasonsAreTold) {
  fs::resize_file(shard("step-00000002"), 10);
  fs::remove(folder_ / "step-00000001/manifest.json");

  auto newest = find_newest(folder_);

  ASSERT_FALSE(newest);
  ASSERT_EQ(newest.error().more.size(), 2u);
  EXPECT_EQ(newest.error().more[1].message, "manifest is missing");
}

TEST_F(Checkpoints, WhatAKilledWriterLeftIsSweptAway) {
  save_step(1);
  fs::create_directory(folder_ / "step-00000002.partial");
  std::ofstream(folder_ / "step-00000002.partial/rank-00000.shard") << "half";
  EXPECT_EQ(newest_step(), 1);

  save_step(2);

  EXPECT_EQ(newest_step(), 2);
  EXPECT_EQ(names(), (std::vector<std::string>{"step-00000001", "step-00000002"}));
}

TEST_F(Checkpoints, OtherFilesInTheFolderAreLeftAlone) {
  std::ofstream(folder_ / "step-by-step.txt") << "mine";
  fs::create_directory(folder_ / "notes.partial");
  for (int64_t step : {1, 2, 3}) save_step(step, 1);

  EXPECT_EQ(names(),
            (std::vector<std::string>{"notes.partial", "step-00000003", "step-by-step.txt"}));
}

TEST_F(Checkpoints, AnotherModelIsRefusedByName) {
  save_step(1);
  auto newest = find_newest(folder_);
  Model larger{std::vector<float>(1001), std::vector<float>(300)};

  auto loaded = load(newest->checkpoint, 0, 1, larger.targets());

  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().kind, Error::Kind::bad_input);
  EXPECT_EQ(loaded.error().message,
            "checkpoint holds values (1000 f32) where values (1001 f32) is needed");
}

TEST_F(Checkpoints, AnotherNumberOfSectionsIsRefused) {
  save_step(1);
  auto newest = find_newest(folder_);
  Model model = model_of(0);
  auto targets = model.targets();
  targets.pop_back();

  EXPECT_FALSE(load(newest->checkpoint, 0, 1, targets));
  EXPECT_FALSE(load(newest->checkpoint, 0, 2, model.targets()));
}

TEST_F(Checkpoints, AFolderThatCannotBeMadeIsAnError) {
  std::ofstream(folder_ / "file") << "in the way";

  auto saved = save({.folder = folder_ / "file"}, progress_at(1), model_of(1).sections());

  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().kind, Error::Kind::environment);
}

// Three ranks save step 5; returns what save() said on each.
std::vector<bool> save_from_three_ranks(const fs::path& folder) {
  std::barrier<> meeting(3);
  std::vector<char> good(3);
  std::vector<std::thread> ranks;
  for (int rank = 0; rank < 3; ++rank)
    ranks.emplace_back([&, rank] {
      Saving saving{folder, rank, 3, 2, [&] { meeting.arrive_and_wait(); }};
      good[size_t(rank)] = bool(save(saving, progress_at(5), model_of(float(rank)).sections()));
    });
  for (std::thread& rank : ranks) rank.join();
  return {good.begin(), good.end()};
}

TEST_F(Checkpoints, EachRankGetsItsOwnShardBack) {
  EXPECT_EQ(save_from_three_ranks(folder_), std::vector<bool>(3, true));

  auto newest = find_newest(folder_);
  ASSERT_TRUE(newest);
  for (int rank = 0; rank < 3; ++rank) {
    Model model = model_of(9);
    EXPECT_TRUE(load(newest->checkpoint, rank, 3, model.targets()));
    EXPECT_EQ(model, model_of(float(rank)));
  }
}

TEST_F(Checkpoints, DamageToAnyRanksShardIsSeenByAll) {
  save_from_three_ranks(folder_);

  flip_bit(folder_ / "step-00000005/rank-00002.shard", 1);

  EXPECT_FALSE(find_newest(folder_));
}

}  // namespace
}  // namespace heliu::train
