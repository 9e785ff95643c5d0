// The programs that only move data: all-gather, all-to-all, broadcast; and the barrier.
#include <cstring>

#include "comm/shm/chunks.h"
#include "comm/shm/program.h"

namespace heliu::comm::shm {
namespace {

class Barrier : public Program {
 public:
  Barrier() : Program({Kind::barrier, 0, 1}) {}
  void publish(uint32_t, const Slots&) override {}
  void gather(uint32_t, const Slots&) override {}
};

class AllGather : public Program {
 public:
  AllGather(std::span<const float> mine, std::span<float> all)
      : Program({Kind::all_gather, all.size_bytes(), chunk_count(mine.size(), per_chunk)}),
        mine_(mine),
        all_(all) {}

  void publish(uint32_t index, const Slots& slots) override {
    Range range = chunk_range(mine_.size(), per_chunk, index);
    std::copy_n(mine_.data() + range.first, range.count, slots.of<float>(slots.rank));
  }

  // Own data takes the way through the slot too, so `mine` may be its place in `all`.
  void gather(uint32_t index, const Slots& slots) override {
    Range range = chunk_range(mine_.size(), per_chunk, index);
    for (int rank = 0; rank < slots.ranks(); ++rank)
      std::copy_n(slots.of<float>(rank), range.count,
                  all_.data() + size_t(rank) * mine_.size() + range.first);
  }

 private:
  static constexpr size_t per_chunk = slot_bytes / sizeof(float);
  std::span<const float> mine_;
  std::span<float> all_;
};

// A chunk is the same range of every slice; a slot holds one part for each rank.
class AllToAll : public Program {
 public:
  AllToAll(std::span<const float> sent, std::span<float> received, int ranks)
      : Program(
            {Kind::all_to_all, sent.size_bytes(),
             chunk_count(sent.size() / size_t(ranks), slot_bytes / sizeof(float) / size_t(ranks))}),
        sent_(sent),
        received_(received),
        slice_(sent.size() / size_t(ranks)),
        per_chunk_(slot_bytes / sizeof(float) / size_t(ranks)) {}

  void publish(uint32_t index, const Slots& slots) override {
    Range range = chunk_range(slice_, per_chunk_, index);
    for (int rank = 0; rank < slots.ranks(); ++rank)
      std::copy_n(sent_.data() + size_t(rank) * slice_ + range.first, range.count,
                  slots.of<float>(slots.rank) + size_t(rank) * per_chunk_);
  }

  void gather(uint32_t index, const Slots& slots) override {
    Range range = chunk_range(slice_, per_chunk_, index);
    for (int rank = 0; rank < slots.ranks(); ++rank)
      std::copy_n(slots.of<float>(rank) + size_t(slots.rank) * per_chunk_, range.count,
                  received_.data() + size_t(rank) * slice_ + range.first);
  }

 private:
  std::span<const float> sent_;
  std::span<float> received_;
  size_t slice_, per_chunk_;
};

class Broadcast : public Program {
 public:
  Broadcast(std::span<std::byte> data, int root)
      : Program({Kind::broadcast, data.size(), chunk_count(data.size(), slot_bytes)}),
        data_(data),
        root_(root) {}

  void publish(uint32_t index, const Slots& slots) override {
    Range range = chunk_range(data_.size(), slot_bytes, index);
    if (slots.rank == root_)
      std::copy_n(data_.data() + range.first, range.count, slots.of<std::byte>(root_));
  }

  void gather(uint32_t index, const Slots& slots) override {
    Range range = chunk_range(data_.size(), slot_bytes, index);
    if (slots.rank != root_)
      std::copy_n(slots.of<std::byte>(root_), range.count, data_.data() + range.first);
  }

 private:
  std::span<std::byte> data_;
  int root_;
};

}  // namespace

const char* name_of(Kind kind) {
  constexpr const char* names[] = {"barrier",    "all_reduce",     "all_reduce of doubles",
                                   "all_gather", "reduce_scatter", "all_to_all",
                                   "broadcast"};
  return size_t(kind) < std::size(names) ? names[size_t(kind)] : "an unknown operation";
}

std::unique_ptr<Program> barrier() { return std::make_unique<Barrier>(); }

std::unique_ptr<Program> all_gather(std::span<const float> mine, std::span<float> all) {
  return std::make_unique<AllGather>(mine, all);
}

std::unique_ptr<Program> all_to_all(std::span<const float> sent, std::span<float> received,
                                    int ranks) {
  return std::make_unique<AllToAll>(sent, received, ranks);
}

std::unique_ptr<Program> broadcast(std::span<std::byte> data, int root) {
  return std::make_unique<Broadcast>(data, root);
}

}  // namespace heliu::comm::shm
