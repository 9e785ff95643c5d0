#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

#include "host/clock.h"
#include "host/discover.h"
#include "host/energy.h"
#include "host/files.h"
#include "host/process.h"

namespace heliu::host {
namespace {

TEST(Discover, FindsThisMachine) {
  auto files = system_files();

  auto pool = discover(*files);

  ASSERT_TRUE(pool) << describe(pool.error());
  const Island* island = find_island(*pool, "host/cpu");
  ASSERT_TRUE(island);
  EXPECT_GE(island->node.processor.cores, 1);
  EXPECT_LE(island->node.processor.cores, sysconf(_SC_NPROCESSORS_CONF));
  EXPECT_NEAR(island->node.memory.base(),
              double(sysconf(_SC_PHYS_PAGES)) * double(sysconf(_SC_PAGESIZE)),
              0.05 * island->node.memory.base());
  EXPECT_FALSE(island->node.processor.caches.empty());
}

TEST(Discover, NamesInstructionSetsFromTheirFlags) {
  std::string cpuinfo =
      "processor : 0\nflags\t\t: fpu avx2 avx512f avx512_bf16 amx_bf16 amx_tile\n";

  EXPECT_EQ(instruction_sets(cpuinfo),
            (std::vector<std::string>{"avx2", "avx512", "avx512_bf16", "amx_tile", "amx_bf16"}));
  EXPECT_TRUE(instruction_sets("").empty());
}

TEST(Discover, AQuotaTakesCoresAway) {
  EXPECT_EQ(cores_within_quota("max 100000", 8), 8);
  EXPECT_EQ(cores_within_quota("250000 100000", 8), 2);
  EXPECT_EQ(cores_within_quota("50000 100000", 8), 1);
  EXPECT_EQ(cores_within_quota("9900000 100000", 8), 8);
  EXPECT_EQ(cores_within_quota("", 8), 8);
}

TEST(Energy, SumsPackagesAndSurvivesTheWrap) {
  FakeFiles files({{"/p/intel-rapl:0/energy_uj", "900\n"},
                   {"/p/intel-rapl:0/max_energy_range_uj", "1000"},
                   {"/p/intel-rapl:0:0/energy_uj", "5"},
                   {"/p/intel-rapl:1/energy_uj", "100"}});
  EnergyCounter counter(files, "/p");

  (void)files.write("/p/intel-rapl:0/energy_uj", "50");
  (void)files.write("/p/intel-rapl:1/energy_uj", "130");

  EXPECT_DOUBLE_EQ(counter.used()->base(), (150 + 30) * 1e-6);
}

TEST(Energy, WithoutCountersNothingIsClaimed) {
  FakeFiles files;
  EnergyCounter counter(files, "/p");

  EXPECT_FALSE(counter.available());
  EXPECT_FALSE(counter.used());
}

TEST(Files, WriteReplacesTheWholeTextAndMakesFolders) {
  auto files = system_files();
  std::string folder = testing::TempDir() + "heliu-files-" + std::to_string(getpid());

  ASSERT_TRUE(files->write(folder + "/a/b.txt", "long old text"));
  ASSERT_TRUE(files->write(folder + "/a/b.txt", "new"));

  EXPECT_EQ(*files->read(folder + "/a/b.txt"), "new");
  EXPECT_EQ(files->list(folder + "/a"), std::vector<std::string>{"b.txt"});
  std::filesystem::remove_all(folder);
}

TEST(Files, AMissingFileIsNotFoundAndAFolderIsAnError) {
  auto files = system_files();

  EXPECT_EQ(files->read("/nowhere/at/all").error().kind, Error::Kind::not_found);
  EXPECT_EQ(files->read("/").error().kind, Error::Kind::environment);
}

TEST(Process, MemoryGrowsWhenTouched) {
  Bytes before = peak_resident_memory();
  std::vector<char> block(64 << 20, 1);

  EXPECT_GT((peak_resident_memory() - before).base(), 32e6) << block[5];
}

TEST(FakeClock, OnlySleepMakesTimePass) {
  FakeClock clock(10);
  clock.sleep(5.0_s);

  EXPECT_EQ(clock.now(), 15);
}

}  // namespace
}  // namespace heliu::host
