#include "comm/timed.h"

#include <chrono>
#include <type_traits>

namespace heliu::comm {
namespace {

class TimedGroup : public Group {
 public:
  TimedGroup(Group& inner, double& seconds) : inner_(inner), seconds_(seconds) {}

  int rank() const override { return inner_.rank(); }
  int size() const override { return inner_.size(); }
  size_t buffer_bytes() const override { return inner_.buffer_bytes(); }

  void barrier() override {
    time([&] { inner_.barrier(); });
  }
  void all_reduce(std::span<float> data) override {
    time([&] { inner_.all_reduce(data); });
  }
  void all_reduce(std::span<double> data) override {
    time([&] { inner_.all_reduce(data); });
  }
  Pending start_all_reduce(std::span<float> data) override {
    return time([&] { return inner_.start_all_reduce(data); });
  }
  void wait(Pending operation) override {
    time([&] { inner_.wait(operation); });
  }
  void all_gather(std::span<const float> mine, std::span<float> all) override {
    time([&] { inner_.all_gather(mine, all); });
  }
  void reduce_scatter(std::span<const float> all, std::span<float> mine) override {
    time([&] { inner_.reduce_scatter(all, mine); });
  }
  void all_to_all(std::span<const float> sent, std::span<float> received) override {
    time([&] { inner_.all_to_all(sent, received); });
  }
  void broadcast(std::span<std::byte> data, int root) override {
    time([&] { inner_.broadcast(data, root); });
  }
  void send(std::span<const std::byte> data, int to) override {
    time([&] { inner_.send(data, to); });
  }
  void receive(std::span<std::byte> data, int from) override {
    time([&] { inner_.receive(data, from); });
  }

 private:
  // Adds its life's length to the sum, also where the operation throws.
  struct Span {
    using Clock = std::chrono::steady_clock;
    double& sum;
    Clock::time_point start = Clock::now();
    ~Span() { sum += std::chrono::duration<double>(Clock::now() - start).count(); }
  };

  template <class Operation>
  std::invoke_result_t<Operation> time(Operation operation) {
    Span span{seconds_};
    return operation();
  }

  Group& inner_;
  double& seconds_;
};

}  // namespace

std::unique_ptr<Group> timed(Group& inner, double& seconds) {
  return std::make_unique<TimedGroup>(inner, seconds);
}

}  // namespace heliu::comm
