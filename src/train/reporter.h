// Where a rank's records go: one JSON line each, to whoever started it.
#pragma once

#include <functional>
#include <string>

#include "spec/record.h"

namespace heliu::train {

class Reporter {
 public:
  // Returns false when nobody listens any more.
  using Sink = std::function<bool(const std::string& line)>;

  Reporter(std::string job, int rank, Sink sink, std::function<double()> now)
      : job_(std::move(job)), rank_(rank), sink_(std::move(sink)), now_(std::move(now)) {}

  // Fills in job, rank and time.
  void say(Record record);
  void note(const std::string& message) { say({.event = Event::note, .message = message}); }

  // Whether all that was said was heard.
  bool heard() const { return heard_; }

 private:
  std::string job_;
  int rank_;
  Sink sink_;
  std::function<double()> now_;
  bool heard_ = true;
};

}  // namespace heliu::train
