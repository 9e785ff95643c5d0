#include "train/measure.h"

#include <algorithm>
#include <cmath>

#include "host/process.h"
#include "train/kernel_bench.h"
#include "train/stopwatch.h"
#include "train/teams.h"

namespace heliu::train {
namespace {

constexpr size_t least_calls = 3, most_calls = 64;
constexpr size_t small_arena = size_t(16) << 20, arena = size_t(256) << 20;
constexpr double collective_sizes[] = {64, 4096, 65536, 1 << 20, 8 << 20, 32 << 20};

class Measurer {
 public:
  Measurer(const Plan& plan, const Seat& seat, Reporter& reporter,
           const std::function<bool()>& stop)
      : plan_(plan),
        seat_(seat),
        reporter_(reporter),
        stop_(stop),
        teams_(join_teams(plan.parallel, seat)),
        device_(device::open(plan.backend, {.threads = plan.threads})) {}

  Ending run() {
    ready();
    bool stopped = !measure_kernels() || !measure_collectives();
    reporter_.say({.event = stopped ? Event::stopped : Event::finished,
                   .memory = host::peak_resident_memory()});
    return stopped ? Ending::stopped : Ending::finished;
  }

 private:
  // What a rank weighs beside its model: the libraries, and the primitives of one small model.
  void ready() {
    Operands small(*device_, small_arena);
    for (const KernelShape& shape : small_shapes()) prepare(shape, small).front()();
    device_->wait();
    reporter_.say({.event = Event::started,
                   .memory = host::resident_memory(),
                   .accounted_memory = Bytes::of(double(small_arena))});
  }

  bool stopping() {
    double wish[1] = {stop_() || !reporter_.heard() ? 1.0 : 0.0};
    teams_.all->all_reduce(std::span<double>(wish));
    return wish[0] > 0;
  }

  // The median over the calls that fit into `budget`. Ranks call a kernel as often as they manage,
  // but a collective equally often: as often as they agree.
  double time_of(const std::vector<std::function<void()>>& calls, double budget,
                 bool together = false) {
    teams_.all->barrier();
    Stopwatch first;
    calls.front()();
    device_->wait();
    double count = std::clamp(budget / std::max(1e-9, first.seconds()), double(least_calls),
                              double(most_calls));
    if (together) count = std::max(1.0, std::floor(agreed(count)));
    teams_.all->barrier();
    std::vector<double> times;
    Stopwatch whole, one;
    while (double(times.size()) < count &&
           (together || times.size() < least_calls || whole.seconds() < budget)) {
      one.lap();
      calls[(times.size() + 1) % calls.size()]();
      device_->wait();
      times.push_back(one.seconds());
    }
    auto middle = times.begin() + std::ptrdiff_t(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    return agreed(*middle);
  }

  // Ranks share a machine and rarely differ; their mean is what training feels.
  double agreed(double mine) {
    double sum[1] = {mine};
    teams_.all->all_reduce(std::span<double>(sum));
    return sum[0] / teams_.all->size();
  }

  bool measure_kernels() {
    Operands operands(*device_, arena);
    std::vector<KernelShape> shapes = kernel_shapes({Precision::fp32, Precision::bf16});
    double budget = plan_.workload.bench.duration.base() / double(shapes.size());
    for (const KernelShape& shape : shapes) {
      if (stopping()) return false;
      double seconds = time_of(prepare(shape, operands), budget);
      if (seat_.rank != 0) continue;
      reporter_.say({.event = Event::kernel,
                     .kernel = KernelTime{shape.kernel, shape.precision, ranks_of(plan_.parallel),
                                          plan_.threads, shape.m, shape.n, shape.k,
                                          Seconds::of(std::max(seconds, 1e-9))}});
    }
    return true;
  }

  bool measure_collectives() {
    comm::Group& group = *teams_.all;
    if (group.size() == 1) return true;
    std::vector<float> data(size_t(collective_sizes[std::size(collective_sizes) - 1]) / 4, 1e-3f);
    for (double bytes : collective_sizes) {
      if (stopping()) return false;
      std::span<float> part(data.data(), size_t(bytes) / 4);
      double seconds = time_of({[&] { group.all_reduce(part); }}, 0.05, true);
      if (seat_.rank == 0)
        reporter_.say({.event = Event::collective,
                       .collective = CollectiveTime{"all_reduce", group.size(), plan_.threads,
                                                    Bytes::of(bytes), Seconds::of(seconds)}});
    }
    return true;
  }

  const Plan& plan_;
  const Seat& seat_;
  Reporter& reporter_;
  const std::function<bool()>& stop_;
  Teams teams_;
  std::unique_ptr<device::Device> device_;
};

}  // namespace

Result<Ending> measure(const Plan& plan, const Seat& seat, Reporter& reporter,
                       const std::function<bool()>& stop) {
  return Measurer(plan, seat, reporter, stop).run();
}

}  // namespace heliu::train
