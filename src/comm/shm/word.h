// A counter in shared memory that other processes can sleep on, through the kernel's futex.
//
// Counters run over 2^32, so they are compared by distance: reached(value, target).
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <climits>
#include <cstdint>
#include <ctime>

namespace heliu::comm::shm {

constexpr bool reached(uint32_t value, uint32_t target) { return int32_t(value - target) >= 0; }

// Alone in its cache line: one rank writes it, the others read it.
struct alignas(64) Word {
  std::atomic<uint32_t> value{0};
  std::atomic<uint32_t> sleepers{0};

  uint32_t load() const { return value.load(std::memory_order_acquire); }

  // Whoever sleeps first says so and then looks at the value again, and set() first stores and then
  // looks for sleepers; with both in one total order, no wake-up is lost.
  void set(uint32_t next) {
    value.store(next, std::memory_order_seq_cst);
    if (sleepers.load(std::memory_order_seq_cst) != 0) wake();
  }

  void wake() { syscall(SYS_futex, address(), FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0); }

  // Returns when the value differs from `seen`, when woken, or after `limit`.
  void sleep(uint32_t seen, std::chrono::milliseconds limit) {
    timespec relative{time_t(limit.count() / 1000), long(limit.count() % 1000 * 1000000)};
    sleepers.fetch_add(1, std::memory_order_seq_cst);
    if (value.load(std::memory_order_seq_cst) == seen)
      syscall(SYS_futex, address(), FUTEX_WAIT, seen, &relative, nullptr, 0);
    sleepers.fetch_sub(1, std::memory_order_seq_cst);
  }

 private:
  uint32_t* address() { return reinterpret_cast<uint32_t*>(&value); }
};

static_assert(sizeof(Word) == 64 && std::atomic<uint32_t>::is_always_lock_free);

}  // namespace heliu::comm::shm
