// One call of the program: what was asked for, and the doors it works through.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/messages.h"
#include "broker/world.h"
#include "spec/document.h"

namespace heliu::app {

// The words of the command line, whatever the command; each reads those that concern it.
struct Request {
  std::string command;
  bool json = false;
  std::string language;
  std::string file;  // a workload or pool
  std::string job;
  std::string path;                  // explain, catalog
  std::string id;                    // explain plan
  std::string pool;                  // plan: a pool file
  std::string framework = "nemo";    // plan: whose habits are forecast
  bool mixed = false;                // plan: over several islands too
  std::vector<std::string> compare;  // plan: two plans
  std::string schema;                // explain --schema
  std::string island = "host/cpu";
  bool resume = false;
  bool fresh = false;
  bool dry_run = false;
  bool brief = false;      // demo --short
  std::string group;       // evidence --group
  std::string output;      // calibrate, export
  std::string report;      // calibrate --report
  bool untouched = false;  // evidence --untouched
  bool rows = false;       // evidence --rows
  bool inference = false;  // evidence --inference
  bool reference = false;
  int keep = 5;           // plans to show
  int rank = 0;           // worker, logs
  std::string plan;       // worker
  std::string directory;  // worker
  double duration = 0;    // bench: seconds for each layout
  std::string from;       // plan: the format of the file
  std::string model;      // plan: a Hugging Face config.json
  int64_t sequence = 0;   // plan: 0: as the workload or the model has it
  std::string to;         // export: the format
  int devices_per_node = 8;
};

class Session {
 public:
  explicit Session(Request request);

  const Request& request() const { return request_; }
  Language language() const { return language_; }
  host::Files& files() { return *files_; }
  host::Clock& clock() { return *clock_; }

  // The ledger is opened when first needed.
  Result<broker::World> world();

  template <class... Values>
  std::string text(Say what, const Values&... values) const {
    return say(language_, what, values...);
  }

  // Data: text for people goes to standard output unless --json was asked for; then only the object
  // does, and what people would read goes to standard error.
  void print(const std::string& text) const;
  void print(const Json& object) const;
  // Progress and hints, always to standard error.
  void hint(const std::string& text) const;
  // A line that the next one overwrites on a terminal; elsewhere printed now and then.
  void progress(const std::string& text, bool worth_a_line);
  void end_progress();

 private:
  Request request_;
  Language language_;
  std::unique_ptr<host::Files> files_;
  std::unique_ptr<host::Clock> clock_;
  std::unique_ptr<host::Launcher> launcher_;
  std::optional<ledger::Ledger> ledger_;
  bool terminal_;
  int progress_width_ = 0;
};

}  // namespace heliu::app
