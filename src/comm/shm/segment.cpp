#include "comm/shm/segment.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>

#include "comm/group.h"

namespace heliu::comm::shm {
namespace {

// The mappings of this process by file, so that ranks that are threads see the same addresses (and
// a race detector sees what they do to each other).
std::mutex mappings_mutex;
std::map<std::pair<dev_t, ino_t>, std::weak_ptr<Segment>> mappings;

std::byte* map(int descriptor, size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<std::byte*>(memory);
}

bool holds_segment(int descriptor, size_t bytes) {
  Header header{};
  if (pread(descriptor, &header, sizeof header, 0) != ssize_t(sizeof header)) return false;
  return header.magic == segment_magic && header.bytes == bytes && header.ranks >= 1 &&
         header.ranks <= uint64_t(max_ranks) && Segment::bytes_for(int(header.ranks)) == bytes;
}

void remember(const std::shared_ptr<Segment>& segment, const struct stat& file) {
  std::erase_if(mappings, [](const auto& entry) { return entry.second.expired(); });
  mappings[{file.st_dev, file.st_ino}] = segment;
}

}  // namespace

size_t Segment::channel_bytes(int ranks) { return std::bit_floor(channels_bytes / size_t(ranks)); }

size_t Segment::bytes_for(int ranks) {
  size_t n = size_t(ranks);
  return sizeof(Header) + n * sizeof(Seat) + n * slot_count * sizeof(Slot) +
         n * n * (sizeof(Channel) + channel_bytes(ranks));
}

std::shared_ptr<Segment> Segment::create(int ranks) {
  size_t bytes = bytes_for(ranks);
  int descriptor = ::open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0)
    throw CommError(fmt::format("no shared memory in /dev/shm: {}", std::strerror(errno)));
  // Reserved now: a segment that does not fit must not end as SIGBUS in the middle of a step.
  int shortage = posix_fallocate(descriptor, 0, off_t(bytes));
  std::byte* memory = shortage == 0 ? map(descriptor, bytes) : nullptr;
  if (!memory) {
    int reason = shortage != 0 ? shortage : errno;
    close(descriptor);
    throw CommError(fmt::format("{} ranks need {} MiB in /dev/shm: {}", ranks, bytes >> 20,
                                std::strerror(reason)));
  }
  std::shared_ptr<Segment> segment(new Segment(descriptor, memory, bytes));
  Header& header = segment->header();
  header.bytes = bytes;
  header.ranks = uint64_t(ranks);
  header.creator = this_process();
  header.magic = segment_magic;
  for (int rank = 0; rank < ranks; ++rank) segment->seat(rank).waits_for = -1;

  struct stat file {};
  fstat(descriptor, &file);
  std::lock_guard lock(mappings_mutex);
  remember(segment, file);
  return segment;
}

std::shared_ptr<Segment> Segment::open(int descriptor) {
  struct stat file {};
  std::lock_guard lock(mappings_mutex);
  std::byte* memory = nullptr;
  if (fstat(descriptor, &file) == 0 && holds_segment(descriptor, size_t(file.st_size))) {
    auto known = mappings.find({file.st_dev, file.st_ino});
    if (auto segment = known == mappings.end() ? nullptr : known->second.lock()) {
      close(descriptor);
      return segment;
    }
    memory = map(descriptor, size_t(file.st_size));
  }
  if (!memory) {
    close(descriptor);
    return nullptr;
  }
  std::shared_ptr<Segment> segment(new Segment(descriptor, memory, size_t(file.st_size)));
  remember(segment, file);
  return segment;
}

Segment::~Segment() {
  munmap(memory_, bytes_);
  close(descriptor_);
}

Seat& Segment::seat(int rank) const {
  return reinterpret_cast<Seat*>(memory_ + sizeof(Header))[rank];
}

Slot& Segment::slot(int rank, uint32_t chunk) const {
  std::byte* slots = memory_ + sizeof(Header) + size_t(ranks()) * sizeof(Seat);
  return reinterpret_cast<Slot*>(slots)[size_t(rank) * slot_count + chunk % slot_count];
}

Channel& Segment::channel(int from, int to) const {
  size_t n = size_t(ranks());
  std::byte* channels = memory_ + sizeof(Header) + n * sizeof(Seat) + n * slot_count * sizeof(Slot);
  size_t index = size_t(from) * n + size_t(to);
  return *reinterpret_cast<Channel*>(channels + index * (sizeof(Channel) + channel_bytes(ranks())));
}

std::byte* Segment::channel_data(int from, int to) const {
  return reinterpret_cast<std::byte*>(&channel(from, to)) + sizeof(Channel);
}

}  // namespace heliu::comm::shm
