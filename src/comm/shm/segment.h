// The memory that the ranks of one group share, and what lies where in it.
//
//   Header | Seat of each rank | slots of each rank | channels of each pair
//
// About 4 MiB per rank, whatever the payload: collective operations go through it chunk by chunk.
// The ranks of one process (threads) share one mapping.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "comm/shm/process.h"
#include "comm/shm/word.h"

namespace heliu::comm::shm {

constexpr uint64_t segment_magic = 0x31305f554c4548ull;  // "HELU_01", also the layout's version
constexpr int max_ranks = 256;
constexpr size_t slot_count = 8;
constexpr size_t slot_bytes = 256 * 1024;   // a chunk: two of them and their sum fit a 1 MiB L2
constexpr size_t channels_bytes = 2 << 20;  // of one sender, shared out among its receivers

enum class Meeting : uint32_t { open, complete, abandoned };

struct alignas(64) Header {
  uint64_t magic;
  uint64_t bytes;
  uint64_t ranks;
  Identity creator;
  std::atomic<uint32_t> joined;
  Word meeting;  // a Meeting
};

// What one rank tells the others. `published`, `reduced` and `consumed` count chunks (engine.h).
struct Seat {
  alignas(64) std::atomic<Identity> identity;  // 0 until it has come
  std::atomic<uint32_t> left;                  // 1 once it has gone in good order or after an error
  std::atomic<int32_t> waits_for;              // the rank it sleeps for, or -1
  Word published, reduced, consumed;
};

// What a chunk belongs to: ranks that call different operations find out.
struct Label {
  uint64_t operation;
  uint64_t bytes;  // of the whole payload
};

struct Slot {
  alignas(64) Label label;
  alignas(64) std::byte data[slot_bytes];
};

// A ring of bytes from one rank to another; `written` and `taken` count bytes.
struct Channel {
  Word written, taken;
};

class Segment {
 public:
  // Makes one that has no name yet. Throws CommError where memory is short.
  static std::shared_ptr<Segment> create(int ranks);

  // Maps an open file if it holds a segment; null if it does not. Takes the descriptor over.
  static std::shared_ptr<Segment> open(int descriptor);

  ~Segment();
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  int descriptor() const { return descriptor_; }
  int ranks() const { return int(header().ranks); }

  Header& header() const { return *reinterpret_cast<Header*>(memory_); }
  Seat& seat(int rank) const;
  Slot& slot(int rank, uint32_t chunk) const;
  Channel& channel(int from, int to) const;
  std::byte* channel_data(int from, int to) const;

  static size_t bytes_for(int ranks);
  static size_t channel_bytes(int ranks);  // a power of two

 private:
  Segment(int descriptor, std::byte* memory, size_t bytes)
      : descriptor_(descriptor), memory_(memory), bytes_(bytes) {}

  int descriptor_;
  std::byte* memory_;
  size_t bytes_;
};

}  // namespace heliu::comm::shm
