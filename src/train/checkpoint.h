// Checkpoints: a folder per saved step, `step-00000120`, with a file per rank and manifest.json.
//
// A folder gets that name only when all in it is on the disk, so a run that is killed at any moment
// leaves the newest complete checkpoint untouched. Unfinished ones (`*.partial`) are swept away by
// the next save. One run writes to a folder at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "train/shard.h"

namespace heliu::train {

// Where a run stands, and which run it is.
struct Progress {
  int64_t step = 0;
  uint64_t seed = 0;
  int64_t tokens = 0;       // read since the beginning
  std::string fingerprint;  // of model and data; whoever resumes compares it

  bool operator==(const Progress&) const = default;
};

// Where and with whom a rank saves. `barrier` returns when all ranks have called it.
struct Saving {
  std::string folder;
  int rank = 0, ranks = 1;
  int keep = 2;  // complete checkpoints that stay, at least 1
  std::function<void()> barrier = [] {};
};

// All ranks call it together. When it returns on rank 0 without an error, the checkpoint is on the
// disk; an error of another rank is also seen by rank 0. Every rank calls the barrier three times,
// whatever fails.
Result<void> save(const Saving& saving, const Progress& progress,
                  const std::vector<Section>& sections);

struct Checkpoint {
  std::string folder;
  Progress progress;
  std::vector<ShardSeal> shards;  // by rank
};

// A checkpoint that was passed over, and why.
struct Skipped {
  std::string folder, reason;
};

struct Newest {
  Checkpoint checkpoint;
  std::vector<Skipped> skipped;  // newer ones, newest first
};

// The newest checkpoint of which every byte is as it was written. Reads all of it, so that every
// rank comes to the same answer. Error::Kind::not_found, with all that was skipped in `more`, if
// there is none.
Result<Newest> find_newest(const std::string& folder);

// This rank's sections. bad_input if the checkpoint is of another model or number of ranks.
Result<void> load(const Checkpoint& checkpoint, int rank, int ranks,
                  const std::vector<SectionTarget>& targets);

}  // namespace heliu::train
