#include "host/evidence.h"

#include <cstdlib>

#include "spec/document.h"

namespace heliu::host {

std::string evidence_folder() {
  const char* folder = std::getenv("HELIU_EVIDENCE");
  return folder && *folder ? folder : HELIU_EVIDENCE_FOLDER;
}

Result<std::vector<Measurement>> read_evidence(Files& files, const std::string& path) {
  auto text = files.read(path);
  if (!text) return tl::unexpected(std::move(text.error()).during("reading the evidence"));
  return read_measurements({path, *text});
}

Result<std::vector<Measurement>> read_all_evidence(Files& files, const std::string& folder) {
  std::vector<Measurement> all;
  std::string training = folder + "/training";
  for (const std::string& file : files.list(training)) {
    if (!file.ends_with(".csv")) continue;
    auto rows = read_evidence(files, training + "/" + file);
    if (!rows) return rows;
    all.insert(all.end(), std::make_move_iterator(rows->begin()),
               std::make_move_iterator(rows->end()));
  }
  if (!all.empty()) return all;
  return fail({.kind = Error::Kind::not_found,
               .message = "no measurements here",
               .where = training,
               .hint = "HELIU_EVIDENCE names the folder that holds training/*.csv"});
}

Result<Calibration> read_calibration(Files& files, const std::string& folder) {
  std::string path = folder + "/calibration.json";
  if (!files.exists(path)) return Calibration{};
  auto text = files.read(path);
  if (!text) return tl::unexpected(std::move(text.error()).during("reading the calibration"));
  return read_json<Calibration>({path, *text});
}

}  // namespace heliu::host
