// Which windows of the text a step reads, on which rank.
//
// Sample g of a run, counted over all steps, reads window permuted(g % windows) of epoch g /
// windows: every window once in each epoch, in an order that only seed and epoch decide. A step
// takes the next `global_batch` samples, and any division of them into ranks, micro-batches and
// accumulation gives the same set, so the same losses.
#pragma once

#include <bit>
#include <cstdint>

#include "base/check.h"
#include "base/random.h"

namespace heliu::train {

// A window is `sequence` characters and the one after each; windows begin every `stride`
// characters.
struct Windows {
  int64_t characters, sequence, stride;

  int64_t count() const {
    return characters > sequence ? (characters - sequence - 1) / stride + 1 : 0;
  }
  int64_t start(int64_t window) const { return window * stride; }
};

// A pseudo-random order of [0, count): a Feistel network of four rounds over the next even power of
// two, walked until it lands inside (Black and Rogaway, CT-RSA 2002, "Ciphers with arbitrary finite
// domains", sections 3 and 5). Needs no memory, whatever the count.
class Permutation {
 public:
  Permutation(int64_t count, uint64_t seed, uint64_t epoch)
      : count_(uint64_t(count)), key_(random_bits(seed, epoch)) {
    HELIU_CHECK(count > 0);
    half_bits_ = (int(std::bit_width(count_ - 1)) + 1) / 2;
  }

  int64_t operator()(int64_t index) const {
    HELIU_CHECK(index >= 0 && uint64_t(index) < count_);
    uint64_t at = uint64_t(index);
    do at = shuffled(at);
    while (at >= count_);
    return int64_t(at);
  }

 private:
  uint64_t shuffled(uint64_t at) const {
    uint64_t mask = (uint64_t{1} << half_bits_) - 1;
    uint64_t left = at >> half_bits_, right = at & mask;
    for (uint64_t round = 0; round < 4; ++round) {
      uint64_t mixed = left ^ (random_bits(key_ + round, right) & mask);
      left = right;
      right = mixed;
    }
    return (left << half_bits_) | right;
  }

  uint64_t count_, key_;
  int half_bits_ = 0;
};

// How a global batch is cut: `ranks` data-parallel ranks, each taking `accumulation` micro-batches.
struct Division {
  int64_t ranks = 1, micro_batch = 1, accumulation = 1;

  int64_t global_batch() const { return ranks * micro_batch * accumulation; }
};

class Batches {
 public:
  Batches(const Windows& windows, const Division& division, uint64_t seed)
      : windows_(windows), division_(division), seed_(seed) {
    HELIU_CHECK(windows.count() > 0 && division.global_batch() > 0);
  }

  // Where the text of a sequence begins: `position` in micro-batch `micro` of data-parallel rank
  // `rank` in step `step`, all counted from 0.
  int64_t start(int64_t step, int64_t micro, int64_t rank, int64_t position) const {
    int64_t place = (micro * division_.ranks + rank) * division_.micro_batch + position;
    int64_t sample = step * division_.global_batch() + place;
    int64_t epoch = sample / windows_.count();
    Permutation permuted(windows_.count(), seed_, uint64_t(epoch));
    return windows_.start(permuted(sample % windows_.count()));
  }

 private:
  Windows windows_;
  Division division_;
  uint64_t seed_;
};

}  // namespace heliu::train
