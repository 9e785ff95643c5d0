#include "comm/shm/engine.h"

#include <fmt/core.h>

#include "comm/group.h"

namespace heliu::comm::shm {

Engine::Engine(std::shared_ptr<Segment> segment, int rank, Watch& watch)
    : segment_(std::move(segment)), rank_(rank), watch_(watch) {}

uint64_t Engine::start(std::unique_ptr<Program> program) {
  uint32_t chunks = program->outline.chunks;
  tasks_.push_back({std::move(program), end_});
  end_ += chunks;
  uint64_t ticket = started();
  while (step()) {
  }
  return ticket;
}

void Engine::finish(uint64_t ticket) {
  while (finished_ < ticket)
    if (!step()) wait();
}

// One stage of one chunk, the oldest that can go on; false if none can.
bool Engine::step() { return gather() || reduce() || publish(); }

bool Engine::gather() {
  if (consumed_ == reduced_) return false;
  Task& task = task_of(consumed_);
  if (task.program->outline.shares_work && first_behind(&Seat::reduced, consumed_ + 1) >= 0)
    return false;
  task.program->gather(consumed_ - task.first_chunk, {*segment_, consumed_, rank_});
  ++consumed_;
  segment_->seat(rank_).consumed.set(consumed_);
  if (consumed_ - task.first_chunk == task.program->outline.chunks) {
    tasks_.pop_front();
    ++finished_;
  }
  return true;
}

bool Engine::reduce() {
  if (reduced_ == published_ || first_behind(&Seat::published, reduced_ + 1) >= 0) return false;
  Task& task = task_of(reduced_);
  require_same_operation(reduced_, *task.program);
  task.program->reduce(reduced_ - task.first_chunk, {*segment_, reduced_, rank_});
  ++reduced_;
  // Nobody waits for it otherwise; the next one that matters sets it.
  if (task.program->outline.shares_work) segment_->seat(rank_).reduced.set(reduced_);
  return true;
}

bool Engine::publish() {
  if (published_ == end_) return false;
  if (first_behind(&Seat::consumed, published_ + 1 - uint32_t(slot_count)) >= 0) return false;
  Task& task = task_of(published_);
  segment_->slot(rank_, published_).label = {uint64_t(task.program->outline.kind),
                                             task.program->outline.bytes};
  task.program->publish(published_ - task.first_chunk, {*segment_, published_, rank_});
  ++published_;
  segment_->seat(rank_).published.set(published_);
  return true;
}

// Waits for a peer that keeps this rank's oldest chunk.
void Engine::wait() {
  Counter counter = &Seat::consumed;
  uint32_t target = published_ + 1 - uint32_t(slot_count);
  if (consumed_ != reduced_)
    counter = &Seat::reduced, target = consumed_ + 1;
  else if (reduced_ != published_)
    counter = &Seat::published, target = reduced_ + 1;
  int peer = first_behind(counter, target);
  if (peer < 0) return;
  watch_.until(segment_->seat(peer).*counter, target, peer,
               name_of(tasks_.front().program->outline.kind));
}

Engine::Task& Engine::task_of(uint32_t chunk) {
  size_t i = 0;
  while (chunk - tasks_[i].first_chunk >= tasks_[i].program->outline.chunks) ++i;
  return tasks_[i];
}

int Engine::first_behind(Counter counter, uint32_t target) const {
  for (int rank = 0; rank < segment_->ranks(); ++rank)
    if (rank != rank_ && !reached((segment_->seat(rank).*counter).load(), target)) return rank;
  return -1;
}

void Engine::require_same_operation(uint32_t chunk, const Program& program) const {
  for (int rank = 0; rank < segment_->ranks(); ++rank) {
    const Label& label = segment_->slot(rank, chunk).label;
    if (label.operation == uint64_t(program.outline.kind) && label.bytes == program.outline.bytes)
      continue;
    throw CommError(fmt::format("rank {} called {} of {} bytes where rank {} called {} of {} bytes",
                                rank, name_of(Kind(label.operation)), label.bytes, rank_,
                                name_of(program.outline.kind), program.outline.bytes));
  }
}

}  // namespace heliu::comm::shm
