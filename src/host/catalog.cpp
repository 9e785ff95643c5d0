#include "host/catalog.h"

#include <algorithm>
#include <cstdlib>

#include "spec/document.h"

namespace heliu::host {
namespace {

void keep(Error error, std::vector<Error>& faults) {
  std::vector<Error> more = std::move(error.more);
  error.more.clear();
  faults.push_back(std::move(error));
  for (Error& other : more) faults.push_back(std::move(other));
}

template <class Thing>
std::vector<Thing> read_all(Files& files, const std::string& folder, std::vector<Error>& faults) {
  std::vector<Thing> things;
  for (const std::string& file : files.list(folder)) {
    if (!file.ends_with(".yaml")) continue;
    std::string path = folder + "/" + file;
    auto thing = files.read(path).and_then([&](const std::string& text) -> Result<Thing> {
      return read_yaml<Thing>({path, text});
    });
    if (!thing) {
      keep(std::move(thing.error()), faults);
      continue;
    }
    if (thing->name + ".yaml" != file)
      faults.push_back(
          {.kind = Error::Kind::bad_input,
           .message = "a file of the catalog is named after what is in it: " + thing->name,
           .where = path,
           .hint = "rename it to " + thing->name + ".yaml",
           .code = "HL-E0110"});
    things.push_back(std::move(*thing));
  }
  std::sort(things.begin(), things.end(),
            [](const Thing& a, const Thing& b) { return a.name < b.name; });
  return things;
}

}  // namespace

Result<Catalog> read_catalog(Files& files, const std::string& folder) {
  std::vector<Error> faults;
  Catalog catalog{.chips = read_all<Chip>(files, folder + "/chips", faults),
                  .nodes = read_all<CatalogNode>(files, folder + "/nodes", faults),
                  .fabrics = read_all<CatalogFabric>(files, folder + "/fabrics", faults)};
  if (faults.empty()) faults = contradictions(catalog);
  if (!faults.empty()) return fail(gathered(std::move(faults)));
  if (catalog.chips.empty())
    return fail({.kind = Error::Kind::not_found,
                 .message = "no catalog of chips here",
                 .where = folder,
                 .hint = "HELIU_CATALOG names the folder that holds chips/, nodes/ and fabrics/"});
  return catalog;
}

std::string catalog_folder() {
  const char* folder = std::getenv("HELIU_CATALOG");
  return folder && *folder ? folder : HELIU_CATALOG_FOLDER;
}

}  // namespace heliu::host
