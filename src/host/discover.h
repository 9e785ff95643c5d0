// What this machine is: one center of one island of one node.
#pragma once

#include "base/error.h"
#include "host/files.h"
#include "spec/pool.h"

namespace heliu::host {

// Sockets, cores, caches and NUMA from hwloc, as far as this process may use them; memory and CPU
// quota as the control group limits them; instruction sets that the kernel grants.
Result<Pool> discover(Files& files);

// The names of Heliu's instruction sets among the flags of /proc/cpuinfo's text.
std::vector<std::string> instruction_sets(const std::string& cpuinfo);

// Whole cores that a control group's cpu.max ("150000 100000") leaves; at least 1, at most `cores`.
int cores_within_quota(const std::string& cpu_max, int cores);

}  // namespace heliu::host
