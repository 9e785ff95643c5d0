// Waiting for another rank without burning the processor and without waiting for ever.
//
// First a short spin (a peer on another core is done in microseconds; where spinning was in vain,
// as on a crowded host, it gets shorter), then sleep on the peer's counter; every 50 ms all peers
// are looked at. A dead one, or one that is silent for longer than the group's patience, ends the
// wait with a CommError naming it.
#pragma once

#include <chrono>
#include <memory>

#include "comm/shm/segment.h"

namespace heliu::comm::shm {

class Watch {
 public:
  Watch(std::shared_ptr<Segment> segment, int rank, std::chrono::milliseconds patience);

  // Returns once `word`, which rank `peer` sets, has reached `target`.
  void until(Word& word, uint32_t target, int peer, const char* operation);

 private:
  bool spin(const Word& word, uint32_t target);
  void sleep_until(Word& word, uint32_t target, int peer, const char* operation);
  void require_member(const Word& word, uint32_t target, int peer, const char* operation) const;
  void require_alive(int other, const char* operation, int awaited) const;
  [[noreturn]] void blame_silent(int peer, const char* operation) const;

  std::shared_ptr<Segment> segment_;
  int rank_;
  std::chrono::milliseconds patience_;
  std::chrono::microseconds spin_, longest_spin_;
};

}  // namespace heliu::comm::shm
