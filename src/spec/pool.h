// A pool: what exists. Centers hold islands, an island holds like nodes on one fabric.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"

namespace heliu {

struct Cache {
  int level = 0;
  Bytes size;
  int cores = 1;  // that share one such cache
};

struct Processor {
  std::string model;  // as the chip names itself
  int sockets = 1;
  int cores = 1;  // physical cores of the node that may be used
  int threads_per_core = 1;
  int numa_nodes = 1;
  std::vector<Cache> caches;
  std::vector<std::string>
      isa;  // "avx2", "avx512", "avx512_bf16", "amx_bf16", ... granted by the kernel
};

struct Accelerators {
  std::string chip;
  int count = 0;
  Bytes memory;  // of each; none: as the catalog has it
};

// The links that join devices more closely than the fabric does: NVLink, xGMI, HCCS.
struct ScaleUp {
  std::string kind;
  Bandwidth bandwidth;  // of one device into it, one direction; none: as the chip has it
  int domain = 0;       // devices it joins, over nodes as well; 0: those of the node
  bool in_network_reduction = false;
};

struct NodeType {
  std::string model;  // its name in the catalog, where it has one
  Processor processor;
  Bytes memory;
  std::vector<Accelerators> devices;
  ScaleUp scale_up;
  Bandwidth network;     // of its network cards together; used where the fabric names no bandwidth
  Watts overhead;        // the most that the node draws beside its devices
  bool by_name = false;  // the file says the model alone; all else is the catalog's
};

enum class FabricKind { none, shared_memory, ethernet, fat_tree, dragonfly, torus, rails };
std::string_view name(FabricKind kind);

struct Fabric {
  FabricKind kind = FabricKind::none;
  double oversubscription = 1;
  Bandwidth bandwidth;  // of one node into the fabric
  Seconds latency;
  int rails = 0;  // switches planes, each reached by one device of every node; 0: one plane
  bool in_network_reduction = false;
  std::string model;     // its name in the catalog, where it has one
  bool by_name = false;  // the file says the model alone; all else is the catalog's
};

struct Failures {
  std::optional<Seconds> node_mtbf;
  Seconds detection = Seconds::of(60);
  Seconds restart = Seconds::of(300);                   // to new ranks with their checkpoint read
  Bandwidth checkpoint_bandwidth = Bandwidth::of(2e9);  // of one node to the store
};

enum class LauncherKind { local, slurm };

struct LauncherSpec {
  LauncherKind kind = LauncherKind::local;
  std::string cluster;
  std::string partition;
};

struct Island {
  std::string name;
  std::vector<std::string> aliases;
  NodeType node;
  int nodes = 1;
  Fabric fabric;
  std::optional<HourlyPrice> price;  // per device, or per core where there are none
  Failures failures;
  LauncherSpec launcher;
};

struct Place {
  std::string city;
  std::string hub;
};

struct Center {
  std::string name;
  std::vector<std::string> aliases;
  Place place;
  double pue = 1;
  std::optional<EnergyPrice> electricity;
  std::optional<CarbonIntensity> carbon;
  std::vector<Island> islands;
};

struct WanLink {
  std::vector<std::string> between;  // two centers
  Bandwidth bandwidth;
  Seconds latency;
  std::optional<TrafficPrice> price;
};

struct Pool {
  std::string name;
  std::vector<Center> centers;
  std::vector<WanLink> links;
};

// The island that "center/island" or one of its aliases names; null where there is none.
const Island* find_island(const Pool& pool, const std::string& name);

}  // namespace heliu
