#include "comm/shm/rendezvous.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

namespace heliu::comm::shm {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Removes the name if it still belongs to this very file. Whoever removes holds the file's lock, so
// that two ranks that find the same stale segment do not remove its successor.
void remove_name(const Segment& segment, const std::string& path) {
  flock(segment.descriptor(), LOCK_EX);
  struct stat ours {
  }, named{};
  bool same = fstat(segment.descriptor(), &ours) == 0 && stat(path.c_str(), &named) == 0 &&
              ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
  if (same) unlink(path.c_str());
  flock(segment.descriptor(), LOCK_UN);
}

// False if another rank was first.
bool give_name(const Segment& segment, const std::string& path) {
  std::string nameless = fmt::format("/proc/self/fd/{}", segment.descriptor());
  if (linkat(AT_FDCWD, nameless.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0)
    return true;
  if (errno == EEXIST) return false;
  throw CommError(fmt::format("cannot create {}: {}", path, std::strerror(errno)));
}

// The segment under that name, made if there is none; null if it vanished meanwhile.
std::shared_ptr<Segment> find(const std::string& path, int ranks) {
  int descriptor = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0 && errno == ENOENT) {
    auto segment = Segment::create(ranks);
    return give_name(*segment, path) ? segment : nullptr;
  }
  if (descriptor < 0)
    throw CommError(fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  auto segment = Segment::open(descriptor);
  if (!segment)
    throw CommError(fmt::format(
        "{} is no segment of this version of heliu; remove it if nothing uses it", path));
  if (alive(segment->header().creator)) return segment;
  remove_name(*segment, path);
  return nullptr;
}

Meeting state_of(const Segment& segment) { return Meeting(segment.header().meeting.load()); }

// Ends the meeting one way or the other; false if it had ended before.
bool conclude(Segment& segment, Meeting outcome, const std::string& path) {
  // The name goes first: when anybody learns that all are there, the name is free again.
  if (outcome == Meeting::complete) remove_name(segment, path);
  uint32_t open = uint32_t(Meeting::open);
  Word& meeting = segment.header().meeting;
  if (!meeting.value.compare_exchange_strong(open, uint32_t(outcome))) return false;
  meeting.wake();
  if (outcome == Meeting::abandoned) remove_name(segment, path);
  return true;
}

std::vector<int> missing(const Segment& segment) {
  std::vector<int> ranks;
  for (int rank = 0; rank < segment.ranks(); ++rank)
    if (segment.seat(rank).identity.load() == 0) ranks.push_back(rank);
  return ranks;
}

[[noreturn]] void give_up(Segment& segment, const std::string& path, const std::string& why) {
  conclude(segment, Meeting::abandoned, path);
  throw CommError(why);
}

void require_all_alive(Segment& segment, const Membership& me, const std::string& path) {
  for (int rank = 0; rank < segment.ranks(); ++rank) {
    Identity peer = segment.seat(rank).identity.load();
    if (peer != 0 && !alive(peer))
      give_up(segment, path,
              fmt::format("rank {} (pid {}) died while group {} gathered", rank, process_id(peer),
                          me.name));
  }
}

// Returns whether all came; false if another rank gave up.
bool await_all(Segment& segment, const Membership& me, const std::string& path,
               Clock::time_point deadline) {
  while (state_of(segment) == Meeting::open) {
    segment.header().meeting.sleep(uint32_t(Meeting::open), milliseconds(50));
    if (state_of(segment) != Meeting::open) break;
    require_all_alive(segment, me, path);
    if (Clock::now() >= deadline && conclude(segment, Meeting::abandoned, path))
      throw CommError(fmt::format("rank {} of group {} did not come within {} s",
                                  fmt::join(missing(segment), ", "), me.name, me.patience.count()));
  }
  return state_of(segment) == Meeting::complete;
}

void require_same_size(const Segment& segment, const Membership& me) {
  if (segment.ranks() != me.size)
    throw CommError(fmt::format("group {} has {} ranks for pid {} and {} for rank {}", me.name,
                                segment.ranks(), process_id(segment.header().creator), me.size,
                                me.rank));
}

// Takes the rank's seat; false if a dead process holds it, in a meeting that is about to fail.
bool sit_down(Segment& segment, const Membership& me) {
  Identity nobody = 0;
  if (segment.seat(me.rank).identity.compare_exchange_strong(nobody, this_process())) return true;
  if (alive(nobody) && state_of(segment) == Meeting::open)
    throw CommError(fmt::format("rank {} of group {} is there already, pid {}", me.rank, me.name,
                                process_id(nobody)));
  return false;
}

}  // namespace

std::string meeting_path(const std::string& name) {
  return fmt::format("/dev/shm/heliu-{}-{}", getuid(), name);
}

std::shared_ptr<Segment> meet(const Membership& me) {
  std::string path = meeting_path(me.name);
  Clock::time_point deadline = Clock::now() + me.patience;
  for (; Clock::now() < deadline; std::this_thread::sleep_for(milliseconds(1))) {
    auto segment = find(path, me.size);
    if (!segment) continue;
    if (state_of(*segment) != Meeting::open) {
      remove_name(*segment, path);  // whoever ended that meeting may have died before doing so
      continue;
    }
    require_same_size(*segment, me);
    if (!sit_down(*segment, me)) continue;
    if (segment->header().joined.fetch_add(1) + 1 == uint32_t(me.size))
      conclude(*segment, Meeting::complete, path);
    if (await_all(*segment, me, path, deadline)) return segment;
    throw CommError(fmt::format("group {} did not gather: another rank gave up waiting", me.name));
  }
  throw CommError(fmt::format("rank {} found no place in group {} within {} s", me.rank, me.name,
                              me.patience.count()));
}

}  // namespace heliu::comm::shm
