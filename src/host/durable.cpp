#include "host/durable.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace heliu::host {
namespace {

tl::unexpected<Error> system_error(const char* doing, const std::string& path) {
  return fail(Error::Kind::environment, fmt::format("{}: {}", doing, std::strerror(errno)), path);
}

bool write_all(int descriptor, std::span<const std::byte> block) {
  // One call takes at most 2 GiB (write(2)).
  constexpr size_t most = size_t{1} << 30;
  while (!block.empty()) {
    ssize_t written = write(descriptor, block.data(), std::min(block.size(), most));
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) block = block.subspan(size_t(written));
  }
  return true;
}

}  // namespace

Result<void> write_durably(const std::string& path,
                           const std::vector<std::span<const std::byte>>& blocks) {
  int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (descriptor < 0) return system_error("cannot create", path);
  bool written = std::all_of(blocks.begin(), blocks.end(),
                             [&](auto block) { return write_all(descriptor, block); });
  Result<void> outcome;
  if (!written || fsync(descriptor) != 0) outcome = system_error("cannot write", path);
  close(descriptor);
  return outcome;
}

Result<void> rename_durably(const std::string& from, const std::string& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0) {
    bool taken = errno == EEXIST;
    if (!taken || renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) != 0)
      return system_error("cannot rename", from);
  }
  std::string folder = std::filesystem::path(to).parent_path();
  return sync_folder(folder.empty() ? "." : folder);
}

Result<void> sync_folder(const std::string& folder) {
  int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return system_error("cannot open", folder);
  Result<void> outcome;
  if (fsync(descriptor) != 0) outcome = system_error("cannot sync", folder);
  close(descriptor);
  return outcome;
}

}  // namespace heliu::host
