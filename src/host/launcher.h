// Starts the ranks of a job and listens to them.
//
// Each rank is a process whose standard output is record lines and whose standard error is its log.
// Ranks die with the one who started them: nothing computes unseen.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/units.h"

namespace heliu::host {

struct RankCommand {
  std::vector<std::string> words;  // program and arguments
  std::string log;                 // file that standard error is appended to
};

struct RankLine {
  int rank = 0;
  std::string text;  // without the newline
};

struct RankEnd {
  int code = 0;  // exit status, or 128 + signal
  bool signalled = false;
};

// Ranks that were started together.
class Running {
 public:
  virtual ~Running() = default;

  // Complete lines that arrived, waiting at most `patience` for the first.
  virtual std::vector<RankLine> lines(Seconds patience) = 0;
  // How rank r ended, once it has.
  virtual std::optional<RankEnd> ended(int rank) = 0;
  virtual int size() const = 0;
  virtual int process(int rank) const = 0;  // its process number
  virtual void ask_to_stop() = 0;           // each rank saves its work and ends
  virtual void kill() = 0;
};

class Launcher {
 public:
  virtual ~Launcher() = default;
  virtual Result<std::unique_ptr<Running>> start(const std::vector<RankCommand>& ranks) = 0;
};

// Processes of this host.
std::unique_ptr<Launcher> local_launcher();

// Answers each start with the lines that `script` returns for it, then ends every rank with code 0.
class FakeLauncher : public Launcher {
 public:
  using Script = std::function<std::vector<RankLine>(const std::vector<RankCommand>&)>;
  explicit FakeLauncher(Script script, RankEnd end = {}) : script_(std::move(script)), end_(end) {}
  Result<std::unique_ptr<Running>> start(const std::vector<RankCommand>& ranks) override;

 private:
  Script script_;
  RankEnd end_;
};

}  // namespace heliu::host
