#include "train/checkpoint.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "base/check.h"
#include "host/durable.h"
#include "train/manifest.h"

namespace heliu::train {
namespace {

namespace fs = std::filesystem;

constexpr const char* partial = ".partial";

// Names of the folders of saved steps, newest first; with `suffix`, of those that end in it.
std::vector<std::string> step_folders(const std::string& folder, const std::string& suffix = "") {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    std::string name = entry.path().filename();
    size_t digits = name.find_last_of("0123456789");
    if (name.rfind("step-", 0) == 0 && digits != std::string::npos &&
        name.substr(digits + 1) == suffix)
      names.push_back(name);
  }
  // By number: longer names are later steps.
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a > b;
  });
  return names;
}

// A folder loses its good name first: killed in the middle, it is swept away later.
void remove_checkpoint(const std::string& folder) {
  std::error_code error;
  std::string doomed = folder + partial;
  fs::remove_all(doomed, error);
  fs::rename(folder, doomed, error);
  fs::remove_all(doomed, error);
}

void sweep_partial(const std::string& folder) {
  std::error_code error;
  for (const std::string& name : step_folders(folder, partial))
    fs::remove_all(fs::path(folder) / name, error);
}

Result<void> begin(const std::string& folder, const std::string& unfinished) {
  std::error_code error;
  fs::create_directories(folder, error);
  sweep_partial(folder);
  fs::create_directory(unfinished, error);
  if (error)
    return fail(Error::Kind::environment, "cannot create a checkpoint: " + error.message(), folder);
  return {};
}

// All as the manifest says, by size and header; the data itself is not read.
bool looks_complete(const std::string& folder) {
  auto checkpoint = read_manifest(folder);
  if (!checkpoint) return false;
  for (size_t rank = 0; rank < checkpoint->shards.size(); ++rank) {
    auto seal = seal_of(folder + "/" + shard_name(int(rank)));
    if (!seal || *seal != checkpoint->shards[rank]) return false;
  }
  return true;
}

// Keeps the newest `keep` that look complete, from the one just written on; what is older goes.
void retire(const Saving& saving, const std::string& written) {
  int kept = 0;
  bool reached = false;
  for (const std::string& name : step_folders(saving.folder)) {
    std::string path = saving.folder + "/" + name;
    reached = reached || path == written;
    if (!reached) continue;
    if (kept >= saving.keep)
      remove_checkpoint(path);
    else if (looks_complete(path))
      ++kept;
  }
}

// Rank 0, when all shards are there.
Result<void> commit(const Saving& saving, const Progress& progress, const std::string& unfinished) {
  std::vector<ShardSeal> seals;
  for (int rank = 0; rank < saving.ranks; ++rank) {
    auto seal = seal_of(unfinished + "/" + shard_name(rank));
    if (!seal) return tl::unexpected(std::move(seal.error()));
    seals.push_back(std::move(*seal));
  }
  if (auto written = write_manifest(unfinished, progress, seals); !written) return written;
  if (auto synced = host::sync_folder(unfinished); !synced) return synced;
  std::string final = saving.folder + "/" + folder_name(progress.step);
  if (auto renamed = host::rename_durably(unfinished, final); !renamed) return renamed;
  // If that step had been saved before, the older one now has the unfinished name.
  sweep_partial(saving.folder);
  retire(saving, final);
  return {};
}

Result<void> verify(const Checkpoint& checkpoint) {
  for (size_t rank = 0; rank < checkpoint.shards.size(); ++rank)
    if (auto intact =
            verify_shard(checkpoint.folder + "/" + shard_name(int(rank)), checkpoint.shards[rank]);
        !intact)
      return intact;
  return {};
}

}  // namespace

Result<void> save(const Saving& saving, const Progress& progress,
                  const std::vector<Section>& sections) {
  HELIU_CHECK(saving.keep >= 1 && saving.rank >= 0 && saving.rank < saving.ranks);
  std::string unfinished = saving.folder + "/" + folder_name(progress.step) + partial;
  Result<void> outcome;
  if (saving.rank == 0) outcome = begin(saving.folder, unfinished);
  saving.barrier();
  if (outcome) outcome = write_shard(unfinished + "/" + shard_name(saving.rank), sections);
  saving.barrier();
  if (saving.rank == 0 && outcome) outcome = commit(saving, progress, unfinished);
  saving.barrier();
  if (!outcome) return tl::unexpected(std::move(outcome.error()).during("saving a checkpoint"));
  return outcome;
}

Result<Newest> find_newest(const std::string& folder) {
  Newest newest;
  Error none{.kind = Error::Kind::not_found,
             .message = "there is no complete checkpoint",
             .where = folder};
  for (const std::string& name : step_folders(folder)) {
    std::string path = folder + "/" + name;
    auto checkpoint = read_manifest(path);
    Result<void> intact;
    if (checkpoint) intact = verify(*checkpoint);
    if (checkpoint && intact) {
      newest.checkpoint = std::move(*checkpoint);
      return newest;
    }
    const Error& error = checkpoint ? intact.error() : checkpoint.error();
    newest.skipped.push_back({path, describe(error)});
    none.more.push_back(error);
  }
  return fail(std::move(none));
}

Result<void> load(const Checkpoint& checkpoint, int rank, int ranks,
                  const std::vector<SectionTarget>& targets) {
  if (int(checkpoint.shards.size()) != ranks)
    return fail(Error{.kind = Error::Kind::bad_input,
                      .message = fmt::format("checkpoint is of {} ranks, the run has {}",
                                             checkpoint.shards.size(), ranks),
                      .where = checkpoint.folder,
                      .hint = "resume with the plan that wrote it"});
  HELIU_CHECK(rank >= 0 && rank < ranks);
  return read_shard(checkpoint.folder + "/" + shard_name(rank), checkpoint.shards[size_t(rank)],
                    targets);
}

}  // namespace heliu::train
