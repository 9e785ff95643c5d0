#include "comm/shm/mailbox.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "comm/group.h"

namespace heliu::comm::shm {
namespace {

// The most that is copied before the other side is told, so that both copy at the same time.
constexpr size_t stride = 64 * 1024;

// The stretch of the ring at `position` that does not wrap around.
size_t contiguous(uint32_t position, size_t ring, size_t wanted) {
  return std::min({wanted, stride, ring - position % ring});
}

}  // namespace

Mailbox::Mailbox(std::shared_ptr<Segment> segment, int rank, Watch& watch)
    : segment_(std::move(segment)), rank_(rank), watch_(watch) {}

void Mailbox::send(std::span<const std::byte> message, int to) {
  uint64_t length = message.size();
  write(std::as_bytes(std::span(&length, 1)), to);
  write(message, to);
}

void Mailbox::receive(std::span<std::byte> message, int from) {
  uint64_t length = 0;
  read(std::as_writable_bytes(std::span(&length, 1)), from);
  if (length != message.size())
    throw CommError(fmt::format("rank {} sent {} bytes where rank {} receives {} bytes", from,
                                length, rank_, message.size()));
  read(message, from);
}

void Mailbox::write(std::span<const std::byte> bytes, int to) {
  Channel& channel = segment_->channel(rank_, to);
  std::byte* ring = segment_->channel_data(rank_, to);
  size_t size = Segment::channel_bytes(segment_->ranks());
  uint32_t position = channel.written.load();
  while (!bytes.empty()) {
    size_t free = size - (position - channel.taken.load());
    if (free == 0) {
      watch_.until(channel.taken, position + 1 - uint32_t(size), to, "send");
      continue;
    }
    size_t length = std::min(free, contiguous(position, size, bytes.size()));
    std::memcpy(ring + position % size, bytes.data(), length);
    channel.written.set(position += uint32_t(length));
    bytes = bytes.subspan(length);
  }
}

void Mailbox::read(std::span<std::byte> bytes, int from) {
  Channel& channel = segment_->channel(from, rank_);
  const std::byte* ring = segment_->channel_data(from, rank_);
  size_t size = Segment::channel_bytes(segment_->ranks());
  uint32_t position = channel.taken.load();
  while (!bytes.empty()) {
    size_t there = channel.written.load() - position;
    if (there == 0) {
      watch_.until(channel.written, position + 1, from, "receive");
      continue;
    }
    size_t length = std::min(there, contiguous(position, size, bytes.size()));
    std::memcpy(bytes.data(), ring + position % size, length);
    channel.taken.set(position += uint32_t(length));
    bytes = bytes.subspan(length);
  }
}

}  // namespace heliu::comm::shm
