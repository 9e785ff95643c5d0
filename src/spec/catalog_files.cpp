// The field tables of the catalog's files, and what must hold between a file's figures and sources.
#include <algorithm>

#include "spec/document_code.h"
#include "spec/tables.h"

namespace heliu {
namespace {

// A field of the table, or of a table within it: "memory", "memory.bandwidth".
bool has_field(const TableInfo& table, const std::string& path) {
  const TableInfo* here = &table;
  for (const std::string& word : split(path, '.')) {
    if (!here) return false;
    auto field = std::find_if(here->fields.begin(), here->fields.end(),
                              [&](const FieldInfo& f) { return f.name == word; });
    if (field == here->fields.end()) return false;
    here = field->nested ? field->nested() : nullptr;
  }
  return true;
}

// The text of the i-th source, or the whole where it has no place of its own.
const Node& source_node(const Node& thing, size_t i) {
  for (const NodeEntry& entry : thing.entries)
    if (entry.key == "sources" && i < entry.value.items.size()) return entry.value.items[i];
  return thing;
}

// The figures that no source speaks of; lists of tables have one path.
void find_unsourced(const Json& json, const std::string& path, const std::vector<Source>& sources,
                    std::vector<std::string>& out) {
  if (json.is_object()) {
    for (const auto& [key, value] : json.items())
      find_unsourced(value, path.empty() ? key : path + "." + key, sources, out);
  } else if (json.is_array() && !json.empty() && json.front().is_structured()) {
    for (const Json& value : json) find_unsourced(value, path, sources, out);
  } else if (!source_of(sources, path)) {
    out.push_back(path);
  }
}

// What a source speaks of must be there, and what is there must be spoken of. Names need no source.
template <class Thing>
void check_sources(const Thing& thing, const Node& node, Reader& reader) {
  const Table<Thing>& table = table_of(&thing);
  for (size_t i = 0; i < thing.sources.size(); ++i)
    for (const std::string& path : thing.sources[i].of)
      if (!has_field(table, path))
        reader.fault(
            "HL-E0110",
            fmt::format("a source speaks of a field that {} does not have: {}", table.name, path),
            source_node(node, i));
  Json figures = table.write(thing);
  for (const char* word :
       {"name", "title", "title_zh", "aliases", "vendor", "architecture", "sources"})
    figures.erase(word);
  std::vector<std::string> unsourced;
  find_unsourced(figures, "", thing.sources, unsourced);
  for (const std::string& path : unsourced)
    reader.fault("HL-E0110", fmt::format("no source of {} speaks of {}", thing.name, path), node);
}

// An entry of the catalog is itself what names stand for.
void check_node(const CatalogNode& entry, const Node& node, Reader& reader) {
  if (entry.node.by_name)
    reader.fault("HL-E0104", fmt::format("{} must say what its node is made of", entry.name), node);
}
void check_fabric(const CatalogFabric& entry, const Node& node, Reader& reader) {
  if (entry.fabric.by_name)
    reader.fault("HL-E0104", fmt::format("{} must say what its fabric is", entry.name), node);
}

}  // namespace

static std::span<const std::string_view> names_of(Confidence) { return confidence_names; }

static const Table<Source>& table_of(const Source*) {
  static const Table<Source> table = [] {
    Table<Source> t{"source", {"where figures come from", "数据出处"}};
    t.field("of", &Source::of,
            {"the fields it speaks of, e.g. peak.fp8; none: all that no other source names",
             "所涉字段；缺省为其余全部"});
    t.field("source", &Source::source, {"where it can be read", "出处"}).required();
    t.field("confidence", &Source::confidence,
            {"how far to trust it; what is from memory calibrates nothing",
             "可信度；凭记忆的数据不用于校准"})
        .required();
    return t;
  }();
  return table;
}

static const Table<Peak>& table_of(const Peak*) {
  static const Table<Peak> table = [] {
    Table<Peak> t{"peak",
                  {"dense peak rates; left out: not supported or not published",
                   "稠密峰值算力；缺省为不支持或未公布"}};
    t.field("fp64", &Peak::fp64, {"64-bit floats", "双精度"});
    t.field("fp32", &Peak::fp32, {"32-bit floats", "单精度"});
    t.field("tf32", &Peak::tf32, {"TF32", "TF32"});
    t.field("fp16", &Peak::fp16, {"16-bit floats", "半精度"});
    t.field("bf16", &Peak::bf16, {"bfloat16", "BF16"});
    t.field("fp8", &Peak::fp8, {"8-bit floats, of any scaling", "FP8"});
    t.field("int8", &Peak::int8, {"8-bit integers", "INT8"});
    t.field("fp4", &Peak::fp4, {"4-bit floats, of any scaling", "FP4"});
    return t;
  }();
  return table;
}

static const Table<DeviceMemory>& table_of(const DeviceMemory*) {
  static const Table<DeviceMemory> table = [] {
    Table<DeviceMemory> t{"device_memory", {"the memory of a chip", "显存"}};
    t.field("size", &DeviceMemory::size, {"capacity", "容量"});
    t.field("kind", &DeviceMemory::kind, {"e.g. HBM3", "类型"});
    t.field("bandwidth", &DeviceMemory::bandwidth, {"peak of reading", "带宽"});
    return t;
  }();
  return table;
}

const Table<Chip>& table_of(const Chip*) {
  static const Table<Chip> table = [] {
    Table<Chip> t{"chip", {"an accelerator or processor of the catalog", "目录中的芯片"}};
    t.field("name", &Chip::name, {"its name in pools", "名称"}).required();
    t.field("title", &Chip::title, {"as its vendor writes it", "型号"}).required();
    t.field("title_zh", &Chip::title_zh, {"its Chinese name", "中文名称"});
    t.field("aliases", &Chip::aliases, {"other names", "别名"});
    t.field("vendor", &Chip::vendor, {"who makes it", "厂商"}).required();
    t.field("architecture", &Chip::architecture,
            {"generation of the vendor's chips, e.g. hopper", "架构代号，如 hopper"});
    t.field("peak", &Chip::peak, {"dense peak rates", "稠密峰值算力"}).required();
    t.field("best_matmul", &Chip::best_matmul,
            {"share of the bf16 peak that the best-shaped matrix product was measured to reach",
             "实测最佳矩阵乘占 BF16 峰值的比例"})
        .range(0, 1);
    t.field("memory", &Chip::memory, {"its memory", "显存"});
    t.field("scale_up", &Chip::scale_up, {"its links to other devices", "卡间互联"});
    t.field("power", &Chip::power, {"thermal design power", "热设计功耗"});
    t.field("price", &Chip::price, {"list price", "目录价"});
    t.field("sources", &Chip::sources, {"where all this is from", "出处"}).required();
    t.check(check_sources<Chip>);
    return t;
  }();
  return table;
}

const Table<CatalogNode>& table_of(const CatalogNode*) {
  static const Table<CatalogNode> table = [] {
    Table<CatalogNode> t{"catalog_node", {"a kind of node of the catalog", "目录中的节点型号"}};
    t.field("name", &CatalogNode::name, {"its name in pools", "名称"}).required();
    t.field("title", &CatalogNode::title, {"as its vendor writes it", "型号"}).required();
    t.field("aliases", &CatalogNode::aliases, {"other names", "别名"});
    t.field("node", &CatalogNode::node, {"what it is made of", "构成"}).required();
    t.field("sources", &CatalogNode::sources, {"where all this is from", "出处"}).required();
    t.check(check_sources<CatalogNode>);
    t.check(check_node);
    return t;
  }();
  return table;
}

const Table<CatalogFabric>& table_of(const CatalogFabric*) {
  static const Table<CatalogFabric> table = [] {
    Table<CatalogFabric> t{"catalog_fabric", {"a kind of network of the catalog", "目录中的网络"}};
    t.field("name", &CatalogFabric::name, {"its name in pools", "名称"}).required();
    t.field("title", &CatalogFabric::title, {"as people write it", "全称"}).required();
    t.field("aliases", &CatalogFabric::aliases, {"other names", "别名"});
    t.field("port", &CatalogFabric::port,
            {"of one port, one direction; a node's bandwidth where the node names none",
             "单端口单向带宽"});
    t.field("fabric", &CatalogFabric::fabric, {"what it is", "参数"}).required();
    t.field("sources", &CatalogFabric::sources, {"where all this is from", "出处"}).required();
    t.check(check_sources<CatalogFabric>);
    t.check(check_fabric);
    return t;
  }();
  return table;
}

HELIU_DOCUMENT(Chip)
HELIU_DOCUMENT(CatalogNode)
HELIU_DOCUMENT(CatalogFabric)

}  // namespace heliu
