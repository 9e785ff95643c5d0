#include "host/discover.h"

#include <hwloc.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <set>
#include <sstream>

#include "base/text.h"

namespace heliu::host {
namespace {

struct Topology {
  hwloc_topology_t handle = nullptr;
  ~Topology() {
    if (handle) hwloc_topology_destroy(handle);
  }
  int count(hwloc_obj_type_t type) const {
    return std::max(0, hwloc_get_nbobjs_by_type(handle, type));
  }
};

// The value of "key : value" in /proc/cpuinfo's first block.
std::string cpuinfo_value(const std::string& cpuinfo, const std::string& key) {
  for (const std::string& line : split(cpuinfo, '\n'))
    if (line.starts_with(key))
      if (size_t colon = line.find(':'); colon != std::string::npos)
        return std::string(trim(line.substr(colon + 1)));
  return {};
}

// Tile registers need a permission that a process asks for once (Linux x86 documentation, "Using
// XSTATE features").
bool tiles_are_granted() {
#ifdef SYS_arch_prctl
  constexpr int request_permission = 0x1023, tile_data = 18;
  return ::syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
  return false;
#endif
}

std::vector<Cache> caches(const Topology& topology) {
  constexpr std::array<hwloc_obj_type_t, 3> levels = {HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE,
                                                      HWLOC_OBJ_L3CACHE};
  std::vector<Cache> found;
  for (size_t i = 0; i < levels.size(); ++i) {
    hwloc_obj_t cache = hwloc_get_obj_by_type(topology.handle, levels[i], 0);
    if (!cache) continue;
    int cores =
        hwloc_get_nbobjs_inside_cpuset_by_type(topology.handle, cache->cpuset, HWLOC_OBJ_CORE);
    found.push_back({int(i) + 1, Bytes::of(double(cache->attr->cache.size)), std::max(1, cores)});
  }
  return found;
}

// hwloc's own figure sums NUMA nodes and misses memory that was added to a virtual machine later.
double physical_memory(Files& files) {
  std::string meminfo = files.read("/proc/meminfo").value_or("");
  size_t at = meminfo.find("MemTotal:");
  return at == std::string::npos ? 0 : 1024 * std::strtod(meminfo.c_str() + at + 9, nullptr);
}

Bytes memory_limit(Files& files) {
  double physical = physical_memory(files);
  auto limit = files.read("/sys/fs/cgroup/memory.max");
  double bytes = limit ? std::strtod(limit->c_str(), nullptr) : 0;  // "max" reads as 0
  return Bytes::of(bytes > 0 ? std::min(bytes, physical) : physical);
}

Processor processor(const Topology& topology, Files& files) {
  std::string cpuinfo = files.read("/proc/cpuinfo").value_or("");
  Processor found;
  found.model = cpuinfo_value(cpuinfo, "model name");
  found.sockets = std::max(1, topology.count(HWLOC_OBJ_PACKAGE));
  int cores = std::max(1, topology.count(HWLOC_OBJ_CORE));
  found.threads_per_core = std::max(1, topology.count(HWLOC_OBJ_PU) / cores);
  found.cores = cores_within_quota(files.read("/sys/fs/cgroup/cpu.max").value_or(""), cores);
  found.numa_nodes = std::max(1, topology.count(HWLOC_OBJ_NUMANODE));
  found.caches = caches(topology);
  found.isa = instruction_sets(cpuinfo);
  if (!tiles_are_granted())
    std::erase_if(found.isa, [](const std::string& set) { return set.starts_with("amx"); });
  return found;
}

}  // namespace

std::vector<std::string> instruction_sets(const std::string& cpuinfo) {
  constexpr std::array<std::array<std::string_view, 2>, 8> known = {{{"avx2", "avx2"},
                                                                     {"avx512f", "avx512"},
                                                                     {"avx512_vnni", "avx512_vnni"},
                                                                     {"avx512_bf16", "avx512_bf16"},
                                                                     {"avx512_fp16", "avx512_fp16"},
                                                                     {"amx_tile", "amx_tile"},
                                                                     {"amx_bf16", "amx_bf16"},
                                                                     {"amx_int8", "amx_int8"}}};
  std::istringstream words(cpuinfo_value(cpuinfo, "flags"));
  std::set<std::string> flags;
  for (std::string word; words >> word;) flags.insert(word);
  std::vector<std::string> sets;
  for (const auto& [flag, name] : known)
    if (flags.count(std::string(flag))) sets.emplace_back(name);
  return sets;
}

int cores_within_quota(const std::string& cpu_max, int cores) {
  std::istringstream words(cpu_max);
  double quota = 0, period = 0;
  if (!(words >> quota >> period) || quota <= 0 || period <= 0) return cores;
  return std::clamp(int(quota / period), 1, cores);
}

Result<Pool> discover(Files& files) {
  Topology topology;
  if (hwloc_topology_init(&topology.handle) != 0)
    return fail(Error::Kind::environment, "hwloc cannot start");
  hwloc_topology_set_flags(topology.handle, HWLOC_TOPOLOGY_FLAG_IS_THISSYSTEM |
                                                HWLOC_TOPOLOGY_FLAG_RESTRICT_TO_CPUBINDING);
  if (hwloc_topology_load(topology.handle) != 0)
    return fail(Error::Kind::environment, "hwloc cannot read this machine");

  Island island;
  island.name = "cpu";
  island.node.processor = processor(topology, files);
  island.node.memory = memory_limit(files);
  island.fabric.kind = FabricKind::shared_memory;
  island.launcher.kind = LauncherKind::local;

  Center center;
  center.name = "host";
  center.islands.push_back(std::move(island));
  Pool pool;
  pool.name = "this-machine";
  pool.centers.push_back(std::move(center));
  return pool;
}

}  // namespace heliu::host
