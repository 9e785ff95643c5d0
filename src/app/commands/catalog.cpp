// catalog: what is published of chips, nodes and fabrics, and where.
#include "app/commands.h"
#include "app/resources.h"
#include "app/table.h"
#include "base/text.h"

namespace heliu::app {
namespace {

// A figure, marked where it is only remembered; empty where there is none.
std::string cell(const Chip& chip, const char* field, const std::string& value) {
  if (value.empty()) return value;
  return value + (confidence_of(chip.sources, field) == Confidence::memory ? " ~" : "  ");
}

template <class Q>
std::string cell(const Chip& chip, const char* field, Q quantity) {
  return cell(chip, field, quantity.base() == 0 ? "" : print(quantity));
}

std::string number(double value) { return value == 0 ? "" : fmt::format("{:.4g}", value); }

std::vector<std::string> row_of(const Chip& chip) {
  std::string links = chip.scale_up.bandwidth.base() == 0 ? "" : print(chip.scale_up.bandwidth);
  if (!links.empty() && chip.scale_up.domain > 1)
    links += fmt::format(" x {}", chip.scale_up.domain);
  return {chip.name,
          cell(chip, "peak.bf16", number(chip.peak.bf16.in(1.0_TFLOPS))),
          cell(chip, "memory.size", chip.memory.size),
          cell(chip, "memory.bandwidth", chip.memory.bandwidth),
          cell(chip, "scale_up.bandwidth", links),
          cell(chip, "power", chip.power),
          cell(chip, "price", chip.price ? number(chip.price->base() * 3600) : ""),
          std::string(name(confidence_of(chip.sources, "peak.bf16")))};
}

Json item_of(const Chip& chip) {
  Json item{{"name", chip.name},
            {"title", chip.title},
            {"peak_bf16_flops", chip.peak.bf16.base()},
            {"memory_bytes", chip.memory.size.base()},
            {"memory_bytes_per_s", chip.memory.bandwidth.base()},
            {"scale_up_bytes_per_s", chip.scale_up.bandwidth.base()},
            {"scale_up_domain", chip.scale_up.domain},
            {"power_w", chip.power.base()},
            {"peak_confidence", name(confidence_of(chip.sources, "peak.bf16"))}};
  if (chip.price) item["price_cny_per_h"] = chip.price->base() * 3600;
  return item;
}

// "title name, name, ...", broken before the line is full.
template <class Thing>
std::string names_line(const std::string& title, const std::vector<Thing>& things) {
  constexpr int full = 98;
  std::string text = title;
  int width = display_width(title);
  for (const Thing& thing : things) {
    std::string word = " " + thing.name + (&thing == &things.back() ? "" : ",");
    width += display_width(word);
    if (width > full) {
      text += "\n ";
      width = 1 + display_width(word);
    }
    text += word;
  }
  return text + "\n";
}

void tell_all(Session& session, const Catalog& known) {
  auto text = [&](Say what) { return session.text(what); };
  Table table({text(Say::column_name), text(Say::column_bf16), text(Say::column_device_memory),
               text(Say::column_bandwidth), text(Say::column_scale_up), text(Say::column_power),
               text(Say::column_price), text(Say::column_trust)});
  Json chips = Json::array(), nodes = Json::array(), fabrics = Json::array();
  for (const Chip& chip : known.chips) {
    table.row(row_of(chip));
    chips.push_back(item_of(chip));
  }
  for (const CatalogNode& node : known.nodes) nodes.push_back(node.name);
  for (const CatalogFabric& fabric : known.fabrics) fabrics.push_back(fabric.name);
  session.print(table.print(""));
  session.print(text(Say::catalog_mark));
  session.print(names_line(text(Say::catalog_nodes), known.nodes) +
                names_line(text(Say::catalog_fabrics), known.fabrics));
  session.print(Json{{"chips", chips}, {"nodes", nodes}, {"fabrics", fabrics}});
}

struct Figure {
  std::string path, value;
};

// The leaves of a document, each with its way from the top; lists of tables share one.
void flatten(const Json& json, const std::string& path, std::vector<Figure>& out) {
  if (json.is_object()) {
    for (const auto& [key, value] : json.items())
      flatten(value, path.empty() ? key : path + "." + key, out);
  } else if (json.is_array() && !json.empty() && json.front().is_structured()) {
    for (const Json& value : json) flatten(value, path, out);
  } else if (json.is_array()) {
    std::string words;
    for (const Json& value : json)
      words += (words.empty() ? "" : ", ") +
               (value.is_string() ? value.get<std::string>() : value.dump());
    out.push_back({path, words});
  } else {
    out.push_back({path, json.is_string() ? json.get<std::string>() : json.dump()});
  }
}

// Every figure with the number of its source, then the sources.
template <class Thing>
void tell(Session& session, const Thing& thing, const char* kind) {
  Json document = to_json(thing);
  Json figures = document;
  for (const char* word : {"name", "title", "title_zh", "aliases", "sources"}) figures.erase(word);
  std::vector<Figure> leaves;
  flatten(figures, "", leaves);
  Table table({session.text(Say::column_field), session.text(Say::column_value),
               session.text(Say::column_trust_of), session.text(Say::column_source)});
  for (const Figure& figure : leaves) {
    const Source* source = source_of(thing.sources, figure.path);
    table.row({figure.path, figure.value, source ? std::string(name(source->confidence)) : "",
               source ? fmt::format("[{}]", source - thing.sources.data() + 1) : ""});
  }
  std::string text = fmt::format("{} {}: {}", kind, thing.name, thing.title);
  if (document.contains("title_zh")) text += " · " + document["title_zh"].get<std::string>();
  text += "\n";
  if (!thing.aliases.empty()) {
    std::vector<Figure> names;
    flatten(document["aliases"], "", names);
    text += session.text(Say::also_called, names[0].value) + "\n";
  }
  text += table.print();
  for (size_t i = 0; i < thing.sources.size(); ++i)
    text += fmt::format("  [{}] {}\n", i + 1, thing.sources[i].source);
  session.print(text);
  session.print(Json{{kind, std::move(document)}});
}

}  // namespace

Result<int> command_catalog(Session& session) {
  auto known = catalog(session);
  if (!known) return tl::unexpected(std::move(known.error()));
  std::string wanted = session.request().path;
  if (wanted.empty()) {
    tell_all(session, *known);
    return 0;
  }
  const Chip* chip = find_chip(*known, wanted);
  const CatalogNode* node = find_node(*known, wanted);
  const CatalogFabric* fabric = find_fabric(*known, wanted);
  if (chip) tell(session, *chip, "chip");
  if (node) tell(session, *node, "node");
  if (fabric) tell(session, *fabric, "fabric");
  if (chip || node || fabric) return 0;
  auto meant = did_you_mean(wanted, all_names(*known));
  return fail(
      {.kind = Error::Kind::not_found,
       .message = "the catalog has nothing called " + wanted,
       .hint = meant ? fmt::format("did you mean {}?", *meant) : "heliu catalog lists all"});
}

}  // namespace heliu::app
