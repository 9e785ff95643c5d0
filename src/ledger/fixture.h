// A ledger file in a folder of its own, and jobs to put into it; for tests only.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "ledger/store.h"

namespace heliu::ledger::fixture {

class Folder {
 public:
  Folder() : path_(testing::TempDir() + "heliu_ledger_XXXXXX") {
    if (!mkdtemp(path_.data())) throw std::runtime_error("no temporary folder");
  }
  Folder(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string file(const std::string& name = "ledger.db") const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline Job job(const std::string& id, const std::string& fingerprint = "f") {
  Job job;
  job.id = id;
  job.time = 1000;
  job.fingerprint = fingerprint;
  job.directory = "runs/" + id;
  job.plan.id = id;
  job.plan.workload.name = "poems";
  job.plan.workload.model = {
      .layers = 2, .hidden = 8, .heads = 2, .sequence = 4, .feed_forward = 0, .vocabulary = 10};
  job.plan.workload.data.text = {"poems.txt"};
  job.plan.workload.train.steps = 3;
  job.plan.workload.train.global_batch = 4;
  job.plan.place = "host/cpu";
  job.plan.backend = "cpu";
  return job;
}

inline Record record(const std::string& job, Event event, int64_t step = 0) {
  Record record;
  record.job = job;
  record.event = event;
  if (event == Event::step) record.step = step;
  return record;
}

}  // namespace heliu::ledger::fixture
