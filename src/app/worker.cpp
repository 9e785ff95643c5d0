#include "app/worker.h"

#include <unistd.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <functional>

#include "host/process.h"
#include "train/measure.h"
#include "train/run.h"

namespace heliu::app {
namespace {

// Into the rank's diary first (broker/submission.h), then to whoever started it.
class Telling {
 public:
  explicit Telling(const Request& request)
      : diary_(fmt::format("{}/rank-{}.jsonl", request.directory, request.rank), std::ios::app) {}

  bool operator()(const std::string& line) {
    diary_ << line << std::endl;
    return write_line(line);
  }

 private:
  static bool write_line(const std::string& line);
  std::ofstream diary_;
};

bool Telling::write_line(const std::string& line) {
  return std::fwrite(line.data(), 1, line.size(), stdout) == line.size() &&
         std::fputc('\n', stdout) != EOF && std::fflush(stdout) == 0;
}

Result<train::Ending> work(const Request& request, train::Reporter& reporter) {
  auto files = host::system_files();
  auto text = files->read(request.plan);
  if (!text) return tl::unexpected(std::move(text.error()));
  auto plan = read_json<Plan>({request.plan, *text});
  if (!plan) return tl::unexpected(std::move(plan.error()));
  train::Seat seat{request.job, request.directory, request.rank};
  auto stop = [] { return host::interrupted() != 0; };
  return plan->workload.kind == WorkloadKind::bench ? train::measure(*plan, seat, reporter, stop)
                                                    : train::run(*plan, seat, reporter, stop);
}

}  // namespace

int worker(const Request& request) {
  host::catch_interrupts();
  auto clock = host::system_clock();
  Telling telling(request);
  train::Reporter reporter(request.job, request.rank, std::ref(telling),
                           [&] { return clock->now(); });
  std::string failure;
  try {
    auto ended = work(request, reporter);
    if (ended) return 0;
    failure = describe(ended.error());
  } catch (const std::exception& error) {
    failure = error.what();
  }
  std::fprintf(stderr, "%s\n", failure.c_str());
  reporter.say(
      {.event = Event::failed, .memory = host::peak_resident_memory(), .message = failure});
  return 1;
}

}  // namespace heliu::app
