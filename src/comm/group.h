// Ranks that work together: collective operations over a group of processes.
//
// Every rank of a group calls the same operations in the same order. Sums are formed in rank order,
// so a result is the same on every rank and in every run. A rank that dies or stays silent is
// noticed by the others, which throw CommError naming it; nothing waits for ever.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace heliu::comm {

class CommError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// An operation that was started; wait() on the group ends it.
struct Pending {
  uint64_t ticket = 0;
};

class Group {
 public:
  virtual ~Group() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;
  // Memory that this rank sees a large sum pass through, beside the sum itself.
  virtual size_t buffer_bytes() const { return 0; }

  virtual void barrier() = 0;

  // data = sum over ranks of data, in place.
  virtual void all_reduce(std::span<float> data) = 0;
  virtual void all_reduce(std::span<double> data) = 0;  // few elements: norms, losses, flags

  // The same in two halves: start() hands the data over and returns, wait() ends it. The data must
  // stay untouched between. At most `max_pending` operations may be under way. Any other collective
  // operation of the group first ends those that were started before it.
  static constexpr int max_pending = 64;
  virtual Pending start_all_reduce(std::span<float> data) = 0;
  virtual void wait(Pending operation) = 0;

  // all: rank r's `mine` at [r * mine.size(), ...); all.size() == size() * mine.size().
  virtual void all_gather(std::span<const float> mine, std::span<float> all) = 0;
  // mine: the sum over ranks of slice rank() of `all`.
  virtual void reduce_scatter(std::span<const float> all, std::span<float> mine) = 0;
  // received slice r: rank r's sent slice rank().
  virtual void all_to_all(std::span<const float> sent, std::span<float> received) = 0;
  virtual void broadcast(std::span<std::byte> data, int root) = 0;
  // Messages between two ranks, in order. send() may return before the data is received, but only
  // if it is small (shm: below 1 MiB / size()): two ranks that both send first wait for each other.
  virtual void send(std::span<const std::byte> data, int to) = 0;
  virtual void receive(std::span<std::byte> data, int from) = 0;
};

struct Membership {
  std::string name;  // the same for all ranks of a group, different between groups: "job-dp0"
  int rank = 0;
  int size = 1;
  std::chrono::seconds patience{30};  // how long a silent, living peer is waited for
};

std::vector<std::string> transports();  // {"shm"}

// Meets the other ranks and returns when all are there. A group of one needs no transport and
// never waits. Throws CommError when a peer does not come within `patience`.
std::unique_ptr<Group> join(const std::string& transport, const Membership& membership);

}  // namespace heliu::comm
