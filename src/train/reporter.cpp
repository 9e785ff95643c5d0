#include "train/reporter.h"

#include "spec/document.h"

namespace heliu::train {

void Reporter::say(Record record) {
  record.job = job_;
  record.rank = rank_;
  record.time = now_();
  heard_ = sink_(to_line(record)) && heard_;
}

}  // namespace heliu::train
