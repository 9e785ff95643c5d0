#include "train/shard.h"

#include <fmt/core.h>
#include <xxhash.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "host/durable.h"

namespace heliu::train {
namespace {

using Json = nlohmann::json;

constexpr char magic[] = {'H', 'E', 'L', 'I', 'U', 'S', 'H', '1'};
constexpr size_t checksum_digits = 32;
constexpr size_t preamble_bytes = sizeof magic + sizeof(uint64_t) + checksum_digits;
constexpr uint64_t longest_header = uint64_t{16} << 20;

struct StoredSection {
  SectionKind kind;
  uint64_t bytes;
  std::string checksum;
};

struct Header {
  std::vector<StoredSection> sections;
  ShardSeal seal;
};

std::string hex(XXH128_hash_t hash) {
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

tl::unexpected<Error> damaged(const std::string& why, const std::string& path) {
  return fail(Error::Kind::failed, why, path);
}

std::string header_text(const std::vector<Section>& sections) {
  Json list = Json::array();
  for (const Section& section : sections)
    list.push_back({{"name", section.kind.name},
                    {"type", section.kind.type},
                    {"count", section.kind.count},
                    {"bytes", section.data.size()},
                    {"checksum", checksum(section.data)}});
  return Json{{"sections", list}}.dump();
}

Result<std::vector<StoredSection>> parse_sections(const std::string& text,
                                                  const std::string& path) {
  try {
    Json header = Json::parse(text);
    std::vector<StoredSection> sections;
    for (const Json& section : header.at("sections"))
      sections.push_back({{section.at("name"), section.at("type"), section.at("count")},
                          section.at("bytes"),
                          section.at("checksum")});
    return sections;
  } catch (const Json::exception&) {
    return damaged("shard's header is no header", path);
  }
}

// Leaves the stream where the data begins.
Result<Header> read_header(std::ifstream& file, const std::string& path) {
  char preamble[preamble_bytes];
  uint64_t length = 0;
  if (!file.read(preamble, sizeof preamble)) return damaged("shard is missing or cut short", path);
  std::memcpy(&length, preamble + sizeof magic, sizeof length);
  if (std::memcmp(preamble, magic, sizeof magic) != 0 || length > longest_header)
    return damaged("this is no shard of a checkpoint", path);
  std::string text(length, '\0'), sum(preamble + preamble_bytes - checksum_digits, checksum_digits);
  if (!file.read(text.data(), std::streamsize(length))) return damaged("shard is cut short", path);
  if (checksum(std::as_bytes(std::span(text))) != sum)
    return damaged("shard's header differs from its checksum", path);
  auto sections = parse_sections(text, path);
  if (!sections) return tl::unexpected(std::move(sections.error()));
  std::error_code error;
  uint64_t bytes = std::filesystem::file_size(path, error);
  return Header{std::move(*sections), {bytes, sum}};
}

Result<Header> read_sealed_header(std::ifstream& file, const std::string& path,
                                  const ShardSeal& seal) {
  auto header = read_header(file, path);
  if (!header) return header;
  if (header->seal.bytes != seal.bytes)
    return damaged(fmt::format("shard is not as long as the manifest says, {} bytes: {}",
                               seal.bytes, header->seal.bytes),
                   path);
  if (header->seal != seal)
    return damaged("shard is not the one the manifest was written for", path);
  return header;
}

// The checksum of the next `bytes` of the stream, read block by block; empty if there are fewer.
std::string checksum_of_next(std::ifstream& file, uint64_t bytes) {
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(),
                                                                 XXH3_freeState);
  HELIU_CHECK(state && XXH3_128bits_reset(state.get()) == XXH_OK);
  std::vector<char> block(size_t{1} << 20);
  for (uint64_t left = bytes; left > 0;) {
    size_t length = size_t(std::min<uint64_t>(left, block.size()));
    if (!file.read(block.data(), std::streamsize(length))) return {};
    XXH3_128bits_update(state.get(), block.data(), length);
    left -= length;
  }
  return hex(XXH3_128bits_digest(state.get()));
}

std::string words(const SectionKind& kind) {
  return fmt::format("{} ({} {})", kind.name, kind.count, kind.type);
}

Result<void> require_layout(const Header& header, const std::vector<SectionTarget>& targets,
                            const std::string& path) {
  auto other = [&](const std::string& there, const std::string& wanted) {
    return fail(
        Error{.kind = Error::Kind::bad_input,
              .message = fmt::format("checkpoint holds {} where {} is needed", there, wanted),
              .where = path,
              .hint = "it was written by another model or optimizer"});
  };
  for (size_t i = 0; i < std::max(header.sections.size(), targets.size()); ++i) {
    std::string there = i < header.sections.size() ? words(header.sections[i].kind) : "nothing";
    std::string wanted = i < targets.size() ? words(targets[i].kind) : "nothing";
    if (there != wanted) return other(there, wanted);
    if (header.sections[i].bytes != targets[i].data.size())
      return other(fmt::format("{} bytes of {}", header.sections[i].bytes, there),
                   fmt::format("{}", targets[i].data.size()));
  }
  return {};
}

}  // namespace

std::string checksum(std::span<const std::byte> data) {
  return hex(XXH3_128bits(data.data(), data.size()));
}

Result<void> write_shard(const std::string& path, const std::vector<Section>& sections) {
  std::string header = header_text(sections);
  uint64_t length = header.size();
  std::string front(magic, sizeof magic);
  front.append(reinterpret_cast<const char*>(&length), sizeof length);
  front += checksum(std::as_bytes(std::span(header))) + header;
  std::vector<std::span<const std::byte>> blocks{std::as_bytes(std::span(front))};
  for (const Section& section : sections) blocks.push_back(section.data);
  return host::write_durably(path, blocks);
}

Result<ShardSeal> seal_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  auto header = read_header(file, path);
  if (!header) return tl::unexpected(std::move(header.error()));
  return header->seal;
}

Result<void> verify_shard(const std::string& path, const ShardSeal& seal) {
  std::ifstream file(path, std::ios::binary);
  auto header = read_sealed_header(file, path, seal);
  if (!header) return tl::unexpected(std::move(header.error()));
  for (const StoredSection& section : header->sections)
    if (checksum_of_next(file, section.bytes) != section.checksum)
      return damaged("section differs from its checksum: " + section.kind.name, path);
  return {};
}

Result<void> read_shard(const std::string& path, const ShardSeal& seal,
                        const std::vector<SectionTarget>& targets) {
  std::ifstream file(path, std::ios::binary);
  auto header = read_sealed_header(file, path, seal);
  if (!header) return tl::unexpected(std::move(header.error()));
  if (auto same = require_layout(*header, targets, path); !same) return same;
  for (size_t i = 0; i < targets.size(); ++i) {
    std::span<std::byte> data = targets[i].data;
    file.read(reinterpret_cast<char*>(data.data()), std::streamsize(data.size()));
    if (!file || checksum(data) != header->sections[i].checksum)
      return damaged("section differs from its checksum: " + targets[i].kind.name, path);
  }
  return {};
}

}  // namespace heliu::train
