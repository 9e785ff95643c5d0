// Latency and rate of all-reduce between two ranks of this host, beside the rate at which the same
// two processes copy memory at the same time: the limit that shared memory cannot beat.
//
//   heliu_bench_collectives [ranks]
//
// Rate is payload over time ("algorithm bandwidth"). Times are those of the best round.
#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <string>
#include <vector>

#include "comm/group.h"

namespace {

using heliu::comm::Group;

template <class Action>
double seconds_of(Action action) {
  auto start = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Seconds of one action that all ranks take together. Rounds are short and many, so that the best
// one fell between two interruptions by whatever else the host does.
template <class Action>
double best_of_rounds(Group& group, size_t bytes, Action action) {
  int count = int(std::clamp<size_t>((1 << 20) / bytes, 1, 100));
  int rounds = int(std::clamp<size_t>((size_t(512) << 20) / (bytes * size_t(count)), 8, 200));
  double best = 1e9;
  for (int round = 0; round < rounds; ++round) {
    group.barrier();
    double seconds = seconds_of([&] {
      for (int i = 0; i < count; ++i) action();
    });
    best = std::min(best, seconds / count);
  }
  return best;
}

void measure(Group& group) {
  if (group.rank() == 0)
    fmt::print("{:>10}  {:>12}  {:>12}  {:>12}\n", "bytes", "all_reduce", "rate GB/s",
               "memcpy GB/s");
  for (size_t bytes = 64; bytes <= (size_t(64) << 20); bytes *= 4) {
    std::vector<float> data(bytes / 4), copy(bytes / 4);
    double reduce = best_of_rounds(group, bytes, [&] { group.all_reduce(data); });
    double move = best_of_rounds(group, bytes, [&] {
      std::memcpy(copy.data(), data.data(), bytes);
      asm volatile("" : : "r"(copy.data()) : "memory");
    });
    if (group.rank() == 0)
      fmt::print("{:>10}  {:>9.2f} us  {:>12.2f}  {:>12.2f}\n", bytes, reduce * 1e6,
                 double(bytes) / reduce * 1e-9, double(bytes) / move * 1e-9);
  }
}

int run_rank(const std::string& name, int rank, int ranks) {
  try {
    measure(*heliu::comm::join("shm", {name, rank, ranks}));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  int ranks = argc > 1 ? std::atoi(argv[1]) : 2;
  std::string name = fmt::format("bench-{}", getpid());
  for (int rank = 1; rank < ranks; ++rank)
    if (fork() == 0) _exit(run_rank(name, rank, ranks));
  int status = run_rank(name, 0, ranks);
  while (wait(nullptr) > 0) {
  }
  return status;
}
