// Time, so that a test can make a week pass in a millisecond.
#pragma once

#include <memory>

#include "base/units.h"

namespace heliu::host {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual double now() = 0;  // seconds since 1970-01-01 UTC
  virtual void sleep(Seconds time) = 0;
};

std::unique_ptr<Clock> system_clock();

// Stands still but for sleep().
class FakeClock : public Clock {
 public:
  explicit FakeClock(double start = 0) : now_(start) {}
  double now() override { return now_; }
  void sleep(Seconds time) override { now_ += time.base(); }

 private:
  double now_;
};

}  // namespace heliu::host
