#include "comm/shm/shm_group.h"

#include "base/check.h"
#include "comm/shm/engine.h"
#include "comm/shm/mailbox.h"
#include "comm/shm/rendezvous.h"

namespace heliu::comm::shm {
namespace {

class ShmGroup : public Group {
 public:
  ShmGroup(std::shared_ptr<Segment> segment, const Membership& me)
      : segment_(std::move(segment)),
        rank_(me.rank),
        watch_(segment_, rank_, me.patience),
        engine_(segment_, rank_, watch_),
        mailbox_(segment_, rank_, watch_) {}

  ~ShmGroup() override { leave(); }

  int rank() const override { return rank_; }
  int size() const override { return segment_->ranks(); }
  size_t buffer_bytes() const override { return size_t(size()) * slot_count * sizeof(Slot); }

  void barrier() override { run(shm::barrier()); }
  void all_reduce(std::span<float> data) override { run(shm::all_reduce(data, size())); }
  void all_reduce(std::span<double> data) override { run(shm::all_reduce(data)); }

  Pending start_all_reduce(std::span<float> data) override {
    HELIU_CHECK(engine_.pending() < max_pending);
    Pending pending;
    guarded([&] { pending.ticket = engine_.start(shm::all_reduce(data, size())); });
    return pending;
  }

  void wait(Pending operation) override {
    HELIU_CHECK(operation.ticket >= 1 && operation.ticket <= engine_.started());
    guarded([&] { engine_.finish(operation.ticket); });
  }

  void all_gather(std::span<const float> mine, std::span<float> all) override {
    HELIU_CHECK(all.size() == mine.size() * size_t(size()));
    run(shm::all_gather(mine, all));
  }

  void reduce_scatter(std::span<const float> all, std::span<float> mine) override {
    HELIU_CHECK(all.size() == mine.size() * size_t(size()));
    run(shm::reduce_scatter(all, mine));
  }

  void all_to_all(std::span<const float> sent, std::span<float> received) override {
    HELIU_CHECK(sent.size() == received.size() && sent.size() % size_t(size()) == 0);
    run(shm::all_to_all(sent, received, size()));
  }

  void broadcast(std::span<std::byte> data, int root) override {
    HELIU_CHECK(root >= 0 && root < size());
    run(shm::broadcast(data, root));
  }

  void send(std::span<const std::byte> data, int to) override {
    HELIU_CHECK(to >= 0 && to < size() && to != rank_);
    guarded([&] { mailbox_.send(data, to); });
  }

  void receive(std::span<std::byte> data, int from) override {
    HELIU_CHECK(from >= 0 && from < size() && from != rank_);
    guarded([&] { mailbox_.receive(data, from); });
  }

 private:
  void run(std::unique_ptr<Program> program) {
    guarded([&] { engine_.finish(engine_.start(std::move(program))); });
  }

  // After an error the counters no longer tell the truth: the group is over for this rank, and the
  // others are told so.
  template <class Action>
  void guarded(Action action) {
    if (!broken_.empty()) throw CommError("the group failed before: " + broken_);
    try {
      action();
    } catch (const CommError& error) {
      broken_ = error.what();
      leave();
      throw;
    }
  }

  void leave() { segment_->seat(rank_).left.store(1); }

  std::shared_ptr<Segment> segment_;
  int rank_;
  Watch watch_;
  Engine engine_;
  Mailbox mailbox_;
  std::string broken_;
};

}  // namespace

std::unique_ptr<Group> join(const Membership& membership) {
  return std::make_unique<ShmGroup>(meet(membership), membership);
}

}  // namespace heliu::comm::shm
