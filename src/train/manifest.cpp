#include "train/manifest.h"

#include <fmt/core.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "host/durable.h"

namespace heliu::train {
namespace {

using Json = nlohmann::json;

constexpr const char* format = "heliu-checkpoint-1";

// Of the manifest without its checksum; keys are printed in order, so the text is always the same.
std::string checksum_of(const Json& manifest) {
  std::string text = manifest.dump();
  return checksum(std::as_bytes(std::span(text)));
}

Json to_json(const Progress& progress, const std::vector<ShardSeal>& shards) {
  Json list = Json::array();
  for (size_t rank = 0; rank < shards.size(); ++rank)
    list.push_back({{"file", shard_name(int(rank))},
                    {"bytes", shards[rank].bytes},
                    {"header_checksum", shards[rank].header_checksum}});
  return {{"format", format},          {"step", progress.step},
          {"seed", progress.seed},     {"tokens", progress.tokens},
          {"shards", std::move(list)}, {"fingerprint", progress.fingerprint}};
}

Checkpoint from_json(const Json& manifest, const std::string& folder) {
  Checkpoint checkpoint{
      folder,
      {manifest.at("step"), manifest.at("seed"), manifest.at("tokens"), manifest.at("fingerprint")},
      {}};
  for (const Json& shard : manifest.at("shards"))
    checkpoint.shards.push_back({shard.at("bytes"), shard.at("header_checksum")});
  return checkpoint;
}

}  // namespace

std::string shard_name(int rank) { return fmt::format("rank-{:05}.shard", rank); }

std::string folder_name(int64_t step) { return fmt::format("step-{:08}", step); }

Result<void> write_manifest(const std::string& folder, const Progress& progress,
                            const std::vector<ShardSeal>& shards) {
  Json manifest = to_json(progress, shards);
  manifest["checksum"] = checksum_of(manifest);
  std::string text = manifest.dump(2) + "\n";
  return host::write_durably(folder + "/manifest.json", {std::as_bytes(std::span(text))});
}

Result<Checkpoint> read_manifest(const std::string& folder) {
  std::string path = folder + "/manifest.json";
  std::ifstream file(path);
  if (!file) return fail(Error::Kind::failed, "manifest is missing", path);
  try {
    Json manifest = Json::parse(file);
    if (manifest.at("format") != format)
      return fail(Error::Kind::failed, "manifest is of another format", path);
    std::string sum = manifest.at("checksum");
    manifest.erase("checksum");
    if (checksum_of(manifest) != sum)
      return fail(Error::Kind::failed, "manifest differs from its checksum", path);
    return from_json(manifest, folder);
  } catch (const Json::exception&) {
    return fail(Error::Kind::failed, "manifest is damaged", path);
  }
}

}  // namespace heliu::train
