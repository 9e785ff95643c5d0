// Work shared out over OpenMP threads in contiguous ranges.
#pragma once

#include <omp.h>

#include <algorithm>

#include "device/cpu/kernels.h"

namespace heliu::device::cpu {

// Range number `part` of `parts` equal ones of [0, count), cut at multiples of `unit`.
inline Range share(int64_t count, int64_t unit, int part, int parts) {
  int64_t units = (count + unit - 1) / unit;
  auto cut = [&](int64_t p) { return std::min(count, units * p / parts * unit); };
  return {cut(part), cut(part + 1)};
}

// Calls work(range, thread) on up to `threads` threads, which together cover [0, count). Ranges
// begin at multiples of `unit`; fewer threads take part when there are fewer units. `work` must
// not throw.
template <class Work>
void parallel(int threads, int64_t count, int64_t unit, const Work& work) {
  int64_t units = (count + unit - 1) / unit;
  int team = int(std::min<int64_t>(threads, units));
  if (team <= 1) {
    if (count > 0) work(Range{0, count}, 0);
    return;
  }
#pragma omp parallel num_threads(team)
  {
    int thread = omp_get_thread_num();
    // The runtime may have given fewer threads than were asked for.
    work(share(count, unit, thread, omp_get_num_threads()), thread);
  }
}

}  // namespace heliu::device::cpu
