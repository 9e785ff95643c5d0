// The file system: whole small files, read and written.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"

namespace heliu::host {

class Files {
 public:
  virtual ~Files() = default;
  virtual Result<std::string> read(const std::string& path) = 0;

  // Afterwards the path holds either the old text or the whole new one, also after a power cut:
  // write beside it, fsync, rename, fsync of the folder. Missing folders are made.
  virtual Result<void> write(const std::string& path, const std::string& text) = 0;
  virtual bool exists(const std::string& path) = 0;
  virtual Result<void> make_folder(const std::string& path) = 0;
  virtual std::vector<std::string> list(const std::string& folder) = 0;  // names, sorted
};

std::unique_ptr<Files> system_files();

// Files in memory.
class FakeFiles : public Files {
 public:
  explicit FakeFiles(std::map<std::string, std::string> files = {}) : files_(std::move(files)) {}
  Result<std::string> read(const std::string& path) override;
  Result<void> write(const std::string& path, const std::string& text) override;
  bool exists(const std::string& path) override;
  Result<void> make_folder(const std::string& path) override;
  std::vector<std::string> list(const std::string& folder) override;

 private:
  std::map<std::string, std::string> files_;
};

// Where this user's Heliu keeps its ledger and jobs: $HELIU_HOME, else $XDG_STATE_HOME/heliu, else
// ~/.local/state/heliu.
std::string state_folder();

}  // namespace heliu::host
