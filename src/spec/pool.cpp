#include "spec/pool.h"

#include <algorithm>

#include "spec/document_code.h"
#include "spec/tables.h"

namespace heliu {
namespace {

constexpr std::array<std::string_view, 7> fabrics = {
    "none", "shared-memory", "ethernet", "fat-tree", "dragonfly", "torus", "rails"};
constexpr std::array<std::string_view, 2> launchers = {"local", "slurm"};

template <class Named>
bool is_called(const Named& thing, const std::string& name) {
  return thing.name == name ||
         std::find(thing.aliases.begin(), thing.aliases.end(), name) != thing.aliases.end();
}

}  // namespace

static std::span<const std::string_view> names_of(FabricKind) { return fabrics; }
static std::span<const std::string_view> names_of(LauncherKind) { return launchers; }

std::string_view name(FabricKind kind) { return fabrics[size_t(kind)]; }

static const Table<Cache>& table_of(const Cache*) {
  static const Table<Cache> table = [] {
    Table<Cache> t{"cache", {"one level of cache", "一级缓存"}};
    t.field("level", &Cache::level, {"1 is nearest to the core", "级别"}).required().range(1, 9);
    t.field("size", &Cache::size, {"size of one", "容量"}).required();
    t.field("cores", &Cache::cores, {"cores that share one", "共享核数"}).at_least(1);
    return t;
  }();
  return table;
}

static const Table<Processor>& table_of(const Processor*) {
  static const Table<Processor> table = [] {
    Table<Processor> t{"processor", {"the host processors of a node", "节点的处理器"}};
    t.field("model", &Processor::model, {"as the chip names itself", "型号"});
    t.field("sockets", &Processor::sockets, {"sockets", "插槽数"}).at_least(1);
    t.field("cores", &Processor::cores,
            {"physical cores of the node that may be used", "可用物理核数"})
        .required()
        .at_least(1);
    t.field("threads_per_core", &Processor::threads_per_core,
            {"hardware threads of a core", "每核硬件线程"})
        .at_least(1);
    t.field("numa_nodes", &Processor::numa_nodes, {"NUMA nodes", "NUMA 节点数"}).at_least(1);
    t.field("caches", &Processor::caches, {"caches, nearest first", "缓存"});
    t.field(
        "isa", &Processor::isa,
        {"vector and matrix instructions that the kernel grants", "内核许可的向量与矩阵指令集"});
    return t;
  }();
  return table;
}

static const Table<Accelerators>& table_of(const Accelerators*) {
  static const Table<Accelerators> table = [] {
    Table<Accelerators> t{"devices", {"like accelerators of a node", "节点的同类加速卡"}};
    t.field("chip", &Accelerators::chip, {"name of the chip", "芯片"}).required();
    t.field("count", &Accelerators::count, {"how many", "数量"}).required().at_least(1);
    t.field("memory", &Accelerators::memory,
            {"memory of each; left out: as the catalog has it", "单卡显存；缺省取自目录"});
    return t;
  }();
  return table;
}

const Table<ScaleUp>& table_of(const ScaleUp*) {
  static const Table<ScaleUp> table = [] {
    Table<ScaleUp> t{
        "scale_up",
        {"the links that join devices more closely than the fabric does", "卡间高速互联"}};
    t.field("kind", &ScaleUp::kind, {"e.g. NVLink 4, xGMI, HCCS", "类型"});
    t.field("bandwidth", &ScaleUp::bandwidth,
            {"of one device, one direction; left out: as the chip has it", "单卡单向带宽"});
    t.field("domain", &ScaleUp::domain,
            {"devices it joins, over nodes as well; 0: those of the node", "互联域卡数"})
        .at_least(0);
    t.field("in_network_reduction", &ScaleUp::in_network_reduction,
            {"whether its switches add (NVLink SHARP)", "是否支持网内归约"});
    return t;
  }();
  return table;
}

const Table<NodeType>& table_of(const NodeType*) {
  static const Table<NodeType> table = [] {
    Table<NodeType> t{"node", {"what one node is made of", "节点构成"}};
    t.field("model", &NodeType::model, {"its name in the catalog", "目录中的名称"});
    t.field("processor", &NodeType::processor, {"its host processors", "处理器"}).required();
    t.field("memory", &NodeType::memory, {"main memory", "内存"}).required();
    t.field("devices", &NodeType::devices, {"its accelerators", "加速卡"});
    t.field("scale_up", &NodeType::scale_up, {"the links between its devices", "卡间互联"});
    t.field("network", &NodeType::network, {"of its network cards together", "网卡总带宽"});
    t.field("overhead", &NodeType::overhead,
            {"the most that a node draws beside its devices", "卡外最大功耗"});
    t.by_name(&NodeType::model, &NodeType::by_name);
    return t;
  }();
  return table;
}

const Table<Fabric>& table_of(const Fabric*) {
  static const Table<Fabric> table = [] {
    Table<Fabric> t{"fabric", {"the network that joins the nodes of an island", "节点间网络"}};
    t.field("model", &Fabric::model, {"its name in the catalog", "目录中的名称"});
    t.field("kind", &Fabric::kind, {"shape of the network", "拓扑"});
    t.field("oversubscription", &Fabric::oversubscription,
            {"edge bandwidth over core bandwidth", "收敛比"})
        .at_least(1);
    t.field("bandwidth", &Fabric::bandwidth, {"of one node into the fabric", "单节点带宽"});
    t.field("latency", &Fabric::latency, {"from node to node", "时延"});
    t.field("rails", &Fabric::rails,
            {"planes of switches, each reached by one device of a node; 0: one plane",
             "多轨数；0 表示单平面"})
        .at_least(0);
    t.field("in_network_reduction", &Fabric::in_network_reduction,
            {"whether its switches add (SHARP)", "是否支持网内归约"});
    t.by_name(&Fabric::model, &Fabric::by_name);
    return t;
  }();
  return table;
}

static const Table<Failures>& table_of(const Failures*) {
  static const Table<Failures> table = [] {
    Table<Failures> t{"failures", {"how often things break", "故障率"}};
    t.field("node_mtbf", &Failures::node_mtbf,
            {"mean time between failures of one node", "单节点平均故障间隔"});
    t.field("detection", &Failures::detection, {"until a failure is noticed", "故障发现时间"});
    t.field("restart", &Failures::restart,
            {"from then until the ranks run again, their checkpoint read", "重启时间"});
    t.field("checkpoint_bandwidth", &Failures::checkpoint_bandwidth,
            {"of one node to where checkpoints are kept", "单节点检查点写带宽"});
    return t;
  }();
  return table;
}

static const Table<LauncherSpec>& table_of(const LauncherSpec*) {
  static const Table<LauncherSpec> table = [] {
    Table<LauncherSpec> t{"launcher", {"how ranks are started there", "启动方式"}};
    t.field("kind", &LauncherSpec::kind, {"which launcher", "类型"});
    t.field("cluster", &LauncherSpec::cluster, {"name of the Slurm cluster", "Slurm 集群名"});
    t.field("partition", &LauncherSpec::partition, {"name of the Slurm partition", "Slurm 分区名"});
    return t;
  }();
  return table;
}

static const Table<Island>& table_of(const Island*) {
  static const Table<Island> table = [] {
    Table<Island> t{"island", {"like nodes on one fabric", "同构节点组"}};
    t.field("name", &Island::name, {"its name within the center", "名称"}).required();
    t.field("aliases", &Island::aliases, {"other names, e.g. a site's own identifier", "别名"});
    t.field("node", &Island::node, {"what each node is made of", "节点"}).required();
    t.field("nodes", &Island::nodes, {"how many nodes", "节点数"}).at_least(1);
    t.field("fabric", &Island::fabric, {"the network between them", "网络"});
    t.field("price", &Island::price,
            {"for one device, or one core where there are none", "单卡（无卡时单核）价格"});
    t.field("failures", &Island::failures, {"how often nodes break", "故障率"});
    t.field("launcher", &Island::launcher, {"how ranks are started there", "启动方式"});
    return t;
  }();
  return table;
}

static const Table<Place>& table_of(const Place*) {
  static const Table<Place> table = [] {
    Table<Place> t{"place", {"where a center stands", "所在地"}};
    t.field("city", &Place::city, {"city", "城市"});
    t.field("hub", &Place::hub, {"hub of the national network", "枢纽"});
    return t;
  }();
  return table;
}

static const Table<Center>& table_of(const Center*) {
  static const Table<Center> table = [] {
    Table<Center> t{"center", {"a site under one operator", "算力中心"}};
    t.field("name", &Center::name, {"its name", "名称"}).required();
    t.field("aliases", &Center::aliases, {"other names", "别名"});
    t.field("place", &Center::place, {"where it stands", "所在地"});
    t.field("pue", &Center::pue, {"power usage effectiveness", "电能使用效率"}).range(1, 5);
    t.field("electricity", &Center::electricity, {"price of electricity", "电价"});
    t.field("carbon", &Center::carbon, {"carbon intensity of its electricity", "电力碳强度"});
    t.field("islands", &Center::islands, {"its islands", "节点组"}).required();
    return t;
  }();
  return table;
}

static const Table<WanLink>& table_of(const WanLink*) {
  static const Table<WanLink> table = [] {
    Table<WanLink> t{"link", {"a wide-area link between two centers", "中心间链路"}};
    t.field("between", &WanLink::between, {"the two centers", "两端中心"}).required();
    t.field("bandwidth", &WanLink::bandwidth, {"in one direction", "单向带宽"}).required();
    t.field("latency", &WanLink::latency, {"one way", "单程时延"}).required();
    t.field("price", &WanLink::price, {"for traffic", "流量价格"});
    t.check([](const WanLink& link, const Node& node, Reader& reader) {
      if (link.between.size() != 2)
        reader.fault("HL-E0110",
                     fmt::format("a link joins two centers: {} given", link.between.size()), node);
    });
    return t;
  }();
  return table;
}

const Table<Pool>& table_of(const Pool*) {
  static const Table<Pool> table = [] {
    Table<Pool> t{"pool", {"what exists", "资源池"}};
    t.field("pool", &Pool::name, {"its name", "名称"}).required();
    t.field("centers", &Pool::centers, {"its centers", "算力中心"}).required();
    t.field("links", &Pool::links, {"wide-area links between them", "中心间链路"});
    t.check([](const Pool& pool, const Node& node, Reader& reader) {
      for (const WanLink& link : pool.links)
        for (const std::string& end : link.between)
          if (std::none_of(pool.centers.begin(), pool.centers.end(),
                           [&](const Center& c) { return is_called(c, end); }))
            reader.fault("HL-E0110",
                         fmt::format("a link names a center that is not in the pool: {}", end),
                         node);
    });
    return t;
  }();
  return table;
}

const Island* find_island(const Pool& pool, const std::string& name) {
  std::vector<std::string> path = split(name, '/');
  for (const Center& center : pool.centers)
    for (const Island& island : center.islands)
      if (path.size() == 2 ? is_called(center, path[0]) && is_called(island, path[1])
                           : is_called(island, name))
        return &island;
  return nullptr;
}

HELIU_DOCUMENT(Pool)

}  // namespace heliu
