// A collective operation as one rank carries it out, chunk by chunk, in three stages:
//
//   publish   put what the others need of this chunk into my slot
//   reduce    once all have published: work on my share for everybody (only if `shares_work`)
//   gather    once all have reduced: take what I need from the others' slots
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "comm/shm/segment.h"

namespace heliu::comm::shm {

enum class Kind : uint64_t {
  barrier,
  all_reduce,
  all_reduce_double,
  all_gather,
  reduce_scatter,
  all_to_all,
  broadcast
};

const char* name_of(Kind kind);

// The ranks' slots that hold one chunk.
struct Slots {
  const Segment& segment;
  uint32_t chunk;
  int rank;  // whose view this is

  template <class T>
  T* of(int other) const {
    return reinterpret_cast<T*>(segment.slot(other, chunk).data);
  }
  int ranks() const { return segment.ranks(); }
};

// What all ranks must agree on.
struct Outline {
  Kind kind;
  uint64_t bytes;   // of the whole payload
  uint32_t chunks;  // at least 1
  bool shares_work = false;
};

class Program {
 public:
  explicit Program(const Outline& agreed) : outline(agreed) {}
  virtual ~Program() = default;

  const Outline outline;

  // `index` counts this program's chunks from 0.
  virtual void publish(uint32_t index, const Slots& slots) = 0;
  virtual void reduce(uint32_t, const Slots&) {}
  virtual void gather(uint32_t index, const Slots& slots) = 0;
};

std::unique_ptr<Program> barrier();
std::unique_ptr<Program> all_reduce(std::span<float> data, int ranks);
std::unique_ptr<Program> all_reduce(std::span<double> data);
std::unique_ptr<Program> all_gather(std::span<const float> mine, std::span<float> all);
std::unique_ptr<Program> reduce_scatter(std::span<const float> all, std::span<float> mine);
std::unique_ptr<Program> all_to_all(std::span<const float> sent, std::span<float> received,
                                    int ranks);
std::unique_ptr<Program> broadcast(std::span<std::byte> data, int root);

}  // namespace heliu::comm::shm
