#include "host/clock.h"

#include <chrono>
#include <thread>

namespace heliu::host {
namespace {

class SystemClock : public Clock {
 public:
  double now() override {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  void sleep(Seconds time) override {
    std::this_thread::sleep_for(std::chrono::duration<double>(time.base()));
  }
};

}  // namespace

std::unique_ptr<Clock> system_clock() { return std::make_unique<SystemClock>(); }

}  // namespace heliu::host
