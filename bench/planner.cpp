// Plans per second of the search, on an island of 4 nodes x 64 cores and on one of 256 x 128.
#include <fmt/core.h>

#include <chrono>

#include "cost/fixture.h"
#include "planner/search.h"

using namespace heliu;

namespace {

void measure(const char* title, int nodes, int cores, int64_t global_batch) {
  Model model{.layers = 24,
              .hidden = 2048,
              .heads = 32,
              .sequence = 1024,
              .feed_forward = 0,
              .vocabulary = 50000};
  Workload work = cost::fixture::workload(model, global_batch, 1000);
  Island island = cost::fixture::island(cores, 512.0_GB, nodes);
  Pool pool;
  pool.centers = {{.name = "site", .islands = {island}}};
  auto known = cost::fixture::steady(1e11, 1e10);
  planner::Abilities all{.max_tp = 1 << 20, .max_pp = 1 << 20, .max_nodes = 1 << 20};

  auto begin = std::chrono::steady_clock::now();
  auto found = planner::search(pool, "site/cpu", work, known, all);
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (!found) {
    fmt::print("{}\n", describe(found.error()));
    return;
  }
  int64_t cut = 0;
  for (const auto& one : found->rejected) cut += one.count;
  fmt::print("{}: {} plans forecast, {} branches cut, {:.3f} s, {:.0f} plans/s; best {}\n", title,
             found->feasible, cut, seconds, double(found->feasible) / seconds,
             summary(found->plans[0]));
}

}  // namespace

int main() {
  measure("4 nodes x 64 cores", 4, 64, 512);
  measure("256 nodes x 128 cores", 256, 128, 4096);
}
