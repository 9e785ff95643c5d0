// The programs that add: all-reduce and reduce-scatter.
#include <cstring>
#include <vector>

#include "comm/shm/chunks.h"
#include "comm/shm/program.h"
#include "comm/sum.h"

namespace heliu::comm::shm {
namespace {

// Up to here every rank adds up everything itself: the ranks then meet once instead of twice.
constexpr size_t direct_bytes = 8 * 1024;

// One stage of meeting; each rank reads all that the others have.
template <class T>
class DirectAllReduce : public Program {
 public:
  DirectAllReduce(Kind kind, std::span<T> data)
      : Program({kind, data.size_bytes(), chunk_count(data.size(), per_chunk)}), data_(data) {}

  void publish(uint32_t index, const Slots& slots) override {
    Range range = chunk_range(data_.size(), per_chunk, index);
    std::copy_n(data_.data() + range.first, range.count, slots.of<T>(slots.rank));
  }

  void gather(uint32_t index, const Slots& slots) override {
    Range range = chunk_range(data_.size(), per_chunk, index);
    std::vector<const T*> inputs;
    for (int rank = 0; rank < slots.ranks(); ++rank) inputs.push_back(slots.of<const T>(rank));
    sum_in_order(std::span<const T* const>(inputs), range.count, data_.data() + range.first);
  }

 private:
  static constexpr size_t per_chunk = slot_bytes / sizeof(T);
  std::span<T> data_;
};

// Reduce-scatter and all-gather within each chunk: a rank adds up its share, reading its own part
// from the caller's memory, and leaves the sum where the share would have been in its slot.
class SharedAllReduce : public Program {
 public:
  SharedAllReduce(std::span<float> data, int ranks)
      : Program({Kind::all_reduce, data.size_bytes(), chunk_count(data.size(), per_chunk), true}),
        data_(data),
        inputs_(size_t(ranks)) {}

  void publish(uint32_t index, const Slots& slots) override {
    Range chunk = chunk_range(data_.size(), per_chunk, index);
    for (int rank = 0; rank < slots.ranks(); ++rank)
      if (Range part = share(chunk.count, rank, slots.ranks()); rank != slots.rank)
        std::copy_n(data_.data() + chunk.first + part.first, part.count,
                    slots.of<float>(slots.rank) + part.first);
  }

  void reduce(uint32_t index, const Slots& slots) override {
    Range chunk = chunk_range(data_.size(), per_chunk, index);
    Range part = share(chunk.count, slots.rank, slots.ranks());
    float* mine = data_.data() + chunk.first + part.first;
    for (int rank = 0; rank < slots.ranks(); ++rank)
      inputs_[size_t(rank)] = rank == slots.rank ? mine : slots.of<float>(rank) + part.first;
    sum_in_order(std::span<const float* const>(inputs_), part.count, mine);
    std::copy_n(mine, part.count, slots.of<float>(slots.rank) + part.first);
  }

  void gather(uint32_t index, const Slots& slots) override {
    Range chunk = chunk_range(data_.size(), per_chunk, index);
    for (int rank = 0; rank < slots.ranks(); ++rank)
      if (Range part = share(chunk.count, rank, slots.ranks()); rank != slots.rank)
        std::copy_n(slots.of<float>(rank) + part.first, part.count,
                    data_.data() + chunk.first + part.first);
  }

 private:
  static constexpr size_t per_chunk = slot_bytes / sizeof(float);
  std::span<float> data_;
  std::vector<const float*> inputs_;
};

// A chunk is the same range of every slice; a slot holds one part for each rank.
class ReduceScatter : public Program {
 public:
  ReduceScatter(std::span<const float> all, std::span<float> mine)
      : Program({Kind::reduce_scatter, all.size_bytes(),
                 chunk_count(mine.size(), per_chunk(all, mine))}),
        all_(all),
        mine_(mine),
        per_chunk_(per_chunk(all, mine)) {}

  void publish(uint32_t index, const Slots& slots) override {
    Range range = chunk_range(mine_.size(), per_chunk_, index);
    for (int rank = 0; rank < slots.ranks(); ++rank)
      if (rank != slots.rank)
        std::copy_n(slice(rank) + range.first, range.count,
                    slots.of<float>(slots.rank) + size_t(rank) * per_chunk_);
  }

  void gather(uint32_t index, const Slots& slots) override {
    Range range = chunk_range(mine_.size(), per_chunk_, index);
    std::vector<const float*> inputs;
    for (int rank = 0; rank < slots.ranks(); ++rank)
      inputs.push_back(rank == slots.rank
                           ? slice(rank) + range.first
                           : slots.of<float>(rank) + size_t(slots.rank) * per_chunk_);
    sum_in_order(std::span<const float* const>(inputs), range.count, mine_.data() + range.first);
  }

 private:
  static size_t per_chunk(std::span<const float> all, std::span<float> mine) {
    size_t ranks = mine.empty() ? 1 : all.size() / mine.size();
    return slot_bytes / sizeof(float) / ranks;
  }
  const float* slice(int rank) const { return all_.data() + size_t(rank) * mine_.size(); }

  std::span<const float> all_;
  std::span<float> mine_;
  size_t per_chunk_;
};

}  // namespace

std::unique_ptr<Program> all_reduce(std::span<float> data, int ranks) {
  if (data.size_bytes() <= direct_bytes)
    return std::make_unique<DirectAllReduce<float>>(Kind::all_reduce, data);
  return std::make_unique<SharedAllReduce>(data, ranks);
}

std::unique_ptr<Program> all_reduce(std::span<double> data) {
  return std::make_unique<DirectAllReduce<double>>(Kind::all_reduce_double, data);
}

std::unique_ptr<Program> reduce_scatter(std::span<const float> all, std::span<float> mine) {
  return std::make_unique<ReduceScatter>(all, mine);
}

}  // namespace heliu::comm::shm
