// Messages between two ranks: a ring of bytes for each ordered pair.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "comm/shm/watch.h"

namespace heliu::comm::shm {

class Mailbox {
 public:
  Mailbox(std::shared_ptr<Segment> segment, int rank, Watch& watch);

  // Returns when all is in the ring; a message longer than the ring needs its receiver.
  void send(std::span<const std::byte> message, int to);

  // The message must be as long as the receiver expects.
  void receive(std::span<std::byte> message, int from);

 private:
  void write(std::span<const std::byte> bytes, int to);
  void read(std::span<std::byte> bytes, int from);

  std::shared_ptr<Segment> segment_;
  int rank_;
  Watch& watch_;
};

}  // namespace heliu::comm::shm
