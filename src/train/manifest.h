// manifest.json: what a checkpoint is, written after all its shards.
#pragma once

#include "train/checkpoint.h"

namespace heliu::train {

std::string shard_name(int rank);       // "rank-00003.shard"
std::string folder_name(int64_t step);  // "step-00000120"

// On the disk when it returns.
Result<void> write_manifest(const std::string& folder, const Progress& progress,
                            const std::vector<ShardSeal>& shards);

// Fails where the manifest is missing, damaged or of another format.
Result<Checkpoint> read_manifest(const std::string& folder);

}  // namespace heliu::train
