#include "comm/shm/watch.h"

#include <fmt/core.h>
#include <sched.h>

#include <algorithm>
#include <thread>

#include "comm/group.h"

namespace heliu::comm::shm {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

// Processors that this process may use; ranks that share one must not spin.
int usable_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  return int(std::thread::hardware_concurrency());
}

}  // namespace

Watch::Watch(std::shared_ptr<Segment> segment, int rank, std::chrono::milliseconds patience)
    : segment_(std::move(segment)),
      rank_(rank),
      patience_(patience),
      spin_(segment_->ranks() <= usable_processors() ? 32us : 0us),
      longest_spin_(spin_) {}

bool Watch::spin(const Word& word, uint32_t target) {
  if (reached(word.load(), target)) return true;
  if (longest_spin_ == 0us) return false;
  auto end = Clock::now() + spin_;
  do {
    for (int i = 0; i < 32; ++i) {
      pause();
      if (!reached(word.load(), target)) continue;
      spin_ = std::min(2 * spin_, longest_spin_);
      return true;
    }
  } while (Clock::now() < end);
  spin_ = std::max(spin_ / 2, 1us);
  return false;
}

void Watch::until(Word& word, uint32_t target, int peer, const char* operation) {
  if (spin(word, target)) return;
  // Tells the others whom this rank waits for. After an error it stays so: they may be about to
  // look for the one to blame too.
  std::atomic<int32_t>& waits_for = segment_->seat(rank_).waits_for;
  waits_for.store(peer);
  sleep_until(word, target, peer, operation);
  waits_for.store(-1);
}

void Watch::sleep_until(Word& word, uint32_t target, int peer, const char* operation) {
  auto start = Clock::now();
  auto next_look = start + 50ms;
  for (uint32_t seen; !reached(seen = word.load(), target);) {
    require_member(word, target, peer, operation);
    word.sleep(seen, 50ms);
    if (Clock::now() < next_look) continue;
    next_look = Clock::now() + 50ms;
    if (reached(word.load(), target)) return;
    for (int other = 0; other < segment_->ranks(); ++other) require_alive(other, operation, peer);
    if (Clock::now() - start > patience_) blame_silent(peer, operation);
  }
}

// What a rank did before it left still counts, so the word is looked at again.
void Watch::require_member(const Word& word, uint32_t target, int peer,
                           const char* operation) const {
  Seat& seat = segment_->seat(peer);
  if (seat.left.load() == 0 || reached(word.load(), target)) return;
  throw CommError(fmt::format("rank {} (pid {}) left the group while rank {} waited for it in {}",
                              peer, process_id(seat.identity), rank_, operation));
}

// A rank that left in good order may be gone; only those that are still members must live.
void Watch::require_alive(int other, const char* operation, int awaited) const {
  Seat& seat = segment_->seat(other);
  if (other == rank_ || alive(seat.identity) || seat.left.load() != 0) return;
  throw CommError(fmt::format(
      "rank {} (pid {}) died while rank {} waited for {} in {}", other, process_id(seat.identity),
      rank_, other == awaited ? "it" : fmt::format("rank {}", awaited), operation));
}

// The rank waited for may itself only wait: the silent one stands at the end of the chain.
void Watch::blame_silent(int peer, const char* operation) const {
  for (int step = 0; step < segment_->ranks(); ++step) {
    int next = segment_->seat(peer).waits_for.load();
    if (next < 0 || next == rank_) break;
    peer = next;
  }
  throw CommError(fmt::format("rank {} (pid {}) was silent for {:.3g} s while rank {} waited in {}",
                              peer, process_id(segment_->seat(peer).identity),
                              std::chrono::duration<double>(patience_).count(), rank_, operation));
}

}  // namespace heliu::comm::shm
