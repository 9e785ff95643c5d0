// Large files that must survive a power cut: what a call has written is on the disk when it
// returns.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"

namespace heliu::host {

// A new file of these blocks, one behind the other. Fails if there is one of that name.
Result<void> write_durably(const std::string& path,
                           const std::vector<std::span<const std::byte>>& blocks);

// Gives a file or folder, with all that is in it already on the disk, its name in one step. If the
// name is taken, the two change places.
Result<void> rename_durably(const std::string& from, const std::string& to);

// Puts the names in a folder on the disk.
Result<void> sync_folder(const std::string& folder);

}  // namespace heliu::host
