#include <cstdio>
#include <exception>

#include "app/command_line.h"
#include "app/commands.h"
#include "app/worker.h"
#include "base/check.h"
#include "host/process.h"
#include "spec/explain.h"

namespace heliu::app {
namespace {

struct Command {
  const char* name;
  Result<int> (*run)(Session&);
};

constexpr Command commands[] = {
    {"demo", command_demo},
    {"discover", command_discover},
    {"bench", command_bench},
    {"pool", command_pool},
    {"pool check", command_pool_check},
    {"pool show", command_pool_show},
    {"pool topo", command_pool_topo},
    {"catalog", command_catalog},
    {"evidence", command_evidence},
    {"calibrate", command_calibrate},
    {"plan", command_plan},
    {"run", command_run},
    {"jobs", command_jobs},
    {"show", command_show},
    {"logs", command_logs},
    {"explain", command_explain},
    {"version", command_version},
    {"export", command_export},
};

Json error_json(const Error& error) {
  Json object{{"message", error.message},
              {"where", error.where},
              {"hint", error.hint},
              {"code", error.code}};
  for (const Error& other : error.more) object["more"].push_back(error_json(other));
  return object;
}

int tell(Session& session, const Error& error) {
  session.end_progress();
  session.hint(describe(error));
  if (session.language() == Language::zh && !error.code.empty())
    session.hint("  " + meaning_of_code(error.code, Language::zh));
  session.print(Json{{"ok", false}, {"error", error_json(error)}});
  return exit_code(error.kind);
}

int dispatch(const Request& request) {
  if (request.command == "worker") return worker(request);
  host::catch_interrupts();
  Session session(request);
  for (const Command& command : commands)
    if (request.command == command.name) {
      Result<int> code = command.run(session);
      return code ? *code : tell(session, code.error());
    }
  return 2;
}

}  // namespace
}  // namespace heliu::app

int main(int count, char** words) {
  try {
    heliu::app::CommandLine line = heliu::app::parse_command_line(count, words);
    return line.exit_code ? *line.exit_code : heliu::app::dispatch(line.request);
  } catch (const std::exception& error) {
    std::fprintf(
        stderr,
        "error: %s\n  hint: this is a fault of heliu itself; please report it with the command\n",
        error.what());
    return 1;
  }
}
