#include "comm/group.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "comm/alone.h"
#include "comm/shm/segment.h"
#include "comm/shm/shm_group.h"

namespace heliu::comm {
namespace {

// Names become file names.
bool usable(const std::string& name) {
  constexpr const char* allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  return !name.empty() && name.size() <= 200 &&
         name.find_first_not_of(allowed) == std::string::npos;
}

void require_sound(const Membership& me) {
  if (me.size < 1 || me.size > shm::max_ranks)
    throw CommError(
        fmt::format("group {} needs 1 to {} ranks: {}", me.name, shm::max_ranks, me.size));
  if (me.rank < 0 || me.rank >= me.size)
    throw CommError(fmt::format("group {} of {} has no rank {}", me.name, me.size, me.rank));
  if (!usable(me.name))
    throw CommError(
        fmt::format("a group's name is 1 to 200 letters, digits, '-', '_' or '.': '{}'", me.name));
}

}  // namespace

std::vector<std::string> transports() { return {"shm"}; }

std::unique_ptr<Group> join(const std::string& transport, const Membership& membership) {
  std::vector<std::string> known = transports();
  if (std::find(known.begin(), known.end(), transport) == known.end())
    throw CommError(
        fmt::format("no transport '{}'; there are: {}", transport, fmt::join(known, ", ")));
  require_sound(membership);
  return membership.size == 1 ? alone() : shm::join(membership);
}

}  // namespace heliu::comm
