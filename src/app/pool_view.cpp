#include "app/pool_view.h"

#include "app/messages.h"
#include "app/table.h"
#include "spec/document.h"

namespace heliu::app {
namespace {

// A line of a tree, and what hangs below it.
struct Branch {
  std::string text;
  std::vector<Branch> below;
};

void draw(const std::vector<Branch>& branches, const std::string& indent, std::string& out) {
  for (const Branch& branch : branches) {
    bool last = &branch == &branches.back();
    out += indent + (last ? "└─ " : "├─ ") + branch.text + "\n";
    draw(branch.below, indent + (last ? "   " : "│  "), out);
  }
}

// Words with commas between them; empty ones are left out.
std::string list(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words)
    if (!word.empty()) text += (text.empty() ? "" : ", ") + word;
  return text;
}

template <class Q>
std::string if_any(Q quantity, const char* after = "") {
  return quantity.base() == 0 ? "" : print(quantity) + after;
}

std::string words_of(const Fabric& fabric) {
  if (fabric.kind == FabricKind::none) return "";
  std::string over =
      fabric.oversubscription > 1 ? fmt::format("{:g}:1", fabric.oversubscription) : "";
  return list({fabric.model, std::string(name(fabric.kind)), over, if_any(fabric.bandwidth),
               if_any(fabric.latency)});
}

// Draws a pool in one language.
class Tree {
 public:
  explicit Tree(Language language) : language_(language) {}

  std::string of(const Pool& pool) const {
    std::vector<Branch> branches;
    for (const Center& center : pool.centers) branches.push_back(branch(center));
    if (!pool.links.empty()) {
      Branch links{.text = say(language_, Say::tree_links), .below = {}};
      for (const WanLink& link : pool.links) links.below.push_back(branch(link));
      branches.push_back(std::move(links));
    }
    std::string out = say(language_, Say::tree_centers, pool.name, pool.centers.size()) + "\n";
    draw(branches, "", out);
    return out;
  }

 private:
  std::string about(const NodeType& node) const {
    return (node.model.empty() ? "" : node.model + ": ") +
           list({say(language_, Say::tree_cores, node.processor.cores), node.processor.model,
                 if_any(node.memory)});
  }

  std::string about(const Accelerators& devices, const ScaleUp& links) const {
    bool joined = links.domain > 1;
    std::string domain = joined ? say(language_, Say::tree_domain, links.kind, links.domain) : "";
    return fmt::format("{} x {}: ", devices.count, devices.chip) +
           list({if_any(devices.memory), domain, joined ? if_any(links.bandwidth) : ""});
  }

  Branch branch(const Island& island) const {
    Branch node{.text = about(island.node), .below = {}};
    for (const Accelerators& devices : island.node.devices)
      node.below.push_back({.text = about(devices, island.node.scale_up), .below = {}});
    std::string count = say(language_, Say::tree_nodes, island.name, island.nodes);
    return {.text = list({count, words_of(island.fabric)}), .below = {node}};
  }

  Branch branch(const Center& center) const {
    std::vector<std::string> words{center.place.city, center.place.hub};
    if (center.pue > 1) words.push_back(fmt::format("PUE {:g}", center.pue));
    if (center.electricity) words.push_back(print(*center.electricity));
    if (center.carbon) words.push_back(print(*center.carbon));
    Branch line{.text = center.name, .below = {}};
    if (std::string known = list(words); !known.empty()) line.text += " (" + known + ")";
    for (const Island& island : center.islands) line.below.push_back(branch(island));
    return line;
  }

  Branch branch(const WanLink& link) const {
    return {.text = link.between[0] + " ~ " + link.between[1] + ": " +
                    list({print(link.bandwidth), print(link.latency),
                          link.price ? print(*link.price) : ""}),
            .below = {}};
  }

  Language language_;
};

// A count or price; nothing where there is none.
std::string number(double value) { return value == 0 ? "" : fmt::format("{:.12g}", value); }

IslandTotals& operator+=(IslandTotals& all, const IslandTotals& one) {
  all.devices += one.devices;
  all.peak += one.peak;
  all.memory += one.memory;
  all.power += one.power;
  return all;
}

}  // namespace

IslandTotals totals(const Island& island, const Catalog& catalog) {
  IslandTotals sum;
  sum.power = double(island.nodes) * island.node.overhead;
  for (const Accelerators& devices : island.node.devices) {
    int64_t count = int64_t(island.nodes) * devices.count;
    sum.chip += (sum.chip.empty() ? "" : " + ") + devices.chip;
    sum.devices += count;
    sum.memory += double(count) * devices.memory;
    if (const Chip* chip = find_chip(catalog, devices.chip)) {
      sum.peak += double(count) * chip->peak.bf16;
      sum.power += double(count) * chip->power;
    }
  }
  return sum;
}

std::string pool_table(Language language, const Pool& pool, const Catalog& catalog) {
  std::vector<std::string> heading;
  for (Say column : {Say::column_center, Say::column_island, Say::column_nodes, Say::column_devices,
                     Say::column_chip, Say::column_peak, Say::column_device_memory,
                     Say::column_power, Say::column_price, Say::column_electricity})
    heading.push_back(say(language, column));
  Table table(heading);
  IslandTotals all;
  int64_t nodes = 0;
  for (const Center& center : pool.centers)
    for (const Island& island : center.islands) {
      IslandTotals sum = totals(island, catalog);
      table.row({center.name, island.name, std::to_string(island.nodes),
                 number(double(sum.devices)), sum.chip, if_any(sum.peak), if_any(sum.memory),
                 if_any(sum.power),
                 island.price ? fmt::format("{:.4g}", island.price->base() * 3600) : "",
                 center.electricity ? print(*center.electricity) : ""});
      nodes += island.nodes;
      all += sum;
    }
  table.row({say(language, Say::pool_total), "", std::to_string(nodes), number(double(all.devices)),
             "", if_any(all.peak), if_any(all.memory), if_any(all.power), "", ""});
  return table.print();
}

Json pool_items(const Pool& pool, const Catalog& catalog) {
  Json items = Json::array();
  for (const Center& center : pool.centers)
    for (const Island& island : center.islands) {
      IslandTotals sum = totals(island, catalog);
      Json item{{"center", center.name},
                {"island", island.name},
                {"nodes", island.nodes},
                {"devices", sum.devices},
                {"chip", sum.chip},
                {"peak_bf16_flops", sum.peak.base()},
                {"memory_bytes", sum.memory.base()},
                {"power_w", sum.power.base()}};
      if (island.price) item["price_cny_per_h"] = island.price->base() * 3600;
      if (center.electricity) item["electricity_cny_per_kwh"] = center.electricity->base() * 3.6e6;
      items.push_back(std::move(item));
    }
  return {{"pool", pool.name}, {"items", std::move(items)}};
}

std::string pool_tree(Language language, const Pool& pool) { return Tree(language).of(pool); }

Json spelled_out(Pool pool) {
  for (Center& center : pool.centers)
    for (Island& island : center.islands) island.node.by_name = island.fabric.by_name = false;
  return to_json(pool);
}

}  // namespace heliu::app
