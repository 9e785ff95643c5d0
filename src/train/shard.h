// One rank's part of a checkpoint: a file of named sections, each with its checksum (XXH3, 128
// bits).
//
//   "HELIUSH1" | header length, u64 | header checksum, 32 hex digits | header, JSON | data
//
// Numbers are little-endian, as is the data; sections lie one behind the other in the header's
// order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"

namespace heliu::train {

// What a section holds: `count` elements of `type` ("f32", "bf16", "i64").
struct SectionKind {
  std::string name, type;
  uint64_t count = 0;

  bool operator==(const SectionKind&) const = default;
};

struct Section {
  SectionKind kind;
  std::span<const std::byte> data;
};

struct SectionTarget {
  SectionKind kind;
  std::span<std::byte> data;
};

// A shard as the manifest knows it. The header holds the sections' checksums, so its own checksum
// vouches for all of the file.
struct ShardSeal {
  uint64_t bytes = 0;
  std::string header_checksum;

  bool operator==(const ShardSeal&) const = default;
};

std::string checksum(std::span<const std::byte> data);

// On the disk when it returns.
Result<void> write_shard(const std::string& path, const std::vector<Section>& sections);

// Reads the header only.
Result<ShardSeal> seal_of(const std::string& path);

// Reads all and compares every checksum.
Result<void> verify_shard(const std::string& path, const ShardSeal& seal);

// Fails where the sections are not those of the targets, in their order, or are damaged; the
// targets' content is then worthless.
Result<void> read_shard(const std::string& path, const ShardSeal& seal,
                        const std::vector<SectionTarget>& targets);

}  // namespace heliu::train
