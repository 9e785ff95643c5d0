// Carries out programs in the order in which they were started, several under way at a time.
//
// The chunks of all programs form one sequence, the same on every rank. Chunk c lives in slot
// c % slot_count of each rank, and three counters per rank say how far each stage has come. The
// next thing to do is always the oldest stage that can go on, so a slot is still warm when it is
// read. A rank that cannot go on waits for a peer's oldest chunk, which needs only older chunks:
// so somebody can always go on.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include "comm/shm/program.h"
#include "comm/shm/watch.h"

namespace heliu::comm::shm {

class Engine {
 public:
  Engine(std::shared_ptr<Segment> segment, int rank, Watch& watch);

  // Publishes as much as fits without waiting. What the program points to must stay in place.
  uint64_t start(std::unique_ptr<Program> program);

  // Returns when the program and all before it are done; at once if it was done before.
  void finish(uint64_t ticket);

  int pending() const { return int(tasks_.size()); }
  uint64_t started() const { return finished_ + tasks_.size(); }

 private:
  struct Task {
    std::unique_ptr<Program> program;
    uint32_t first_chunk;
  };
  using Counter = Word Seat::*;

  bool step();
  void wait();
  bool publish();
  bool reduce();
  bool gather();
  Task& task_of(uint32_t chunk);
  int first_behind(Counter counter, uint32_t target) const;
  void require_same_operation(uint32_t chunk, const Program& program) const;

  std::shared_ptr<Segment> segment_;
  int rank_;
  Watch& watch_;
  std::deque<Task> tasks_;  // the front one has ticket finished_ + 1
  uint64_t finished_ = 0;
  // Chunks that have passed each stage, and chunks of all programs started.
  uint32_t published_ = 0, reduced_ = 0, consumed_ = 0, end_ = 0;
};

}  // namespace heliu::comm::shm
