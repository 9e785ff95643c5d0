// export: a plan in the words of other programs.
#include <iostream>
#include <iterator>

#include "app/commands.h"
#include "app/pipeline_trace.h"
#include "exchange/export.h"
#include "spec/node.h"

namespace heliu::app {
namespace {

Result<std::string> read_all(Session& session, const std::string& path) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  auto text = session.files().read(path);
  if (!text) return tl::unexpected(std::move(text.error()).during("reading the plan"));
  return text;
}

// A plan document, or the first of those that `heliu plan --json` prints.
Result<Plan> read_plan(const SourceText& source) {
  auto parsed = parse_json(source);
  if (!parsed) return tl::unexpected(std::move(parsed.error()));
  for (const NodeEntry& entry : parsed->node.entries) {
    if (entry.key != "plans" || entry.value.kind != Node::Kind::list) continue;
    if (!entry.value.items.empty())
      return read_json<Plan>({source.name, to_json(entry.value.items.front()).dump()});
    return fail({.kind = Error::Kind::bad_input,
                 .message = "the list of plans is empty",
                 .where = source.name,
                 .code = "HL-E0106"});
  }
  return read_json<Plan>(source);
}

Result<std::string> written(const Plan& plan, const Request& request) {
  exchange::Launch launch{.devices_per_node = request.devices_per_node};
  if (request.to == "megatron") return exchange::write_megatron(plan, launch);
  if (request.to == "sbatch") return exchange::write_sbatch(plan, launch);
  if (request.to == "torchtitan") return exchange::write_torchtitan(plan);
  if (request.to == "deepspeed") return exchange::write_deepspeed(plan);
  return pipeline_trace(plan);
}

}  // namespace

Result<int> command_export(Session& session) {
  const Request& request = session.request();
  std::string name = request.file == "-" ? "standard input" : request.file;
  auto source = read_all(session, request.file);
  if (!source) return tl::unexpected(std::move(source.error()));
  auto plan = read_plan({name, *source});
  if (!plan) return tl::unexpected(std::move(plan.error()));
  auto text = written(*plan, request);
  if (!text) return tl::unexpected(std::move(text.error()));

  session.print(Json{{"format", request.to}, {"text", *text}});
  if (!request.output.empty()) {
    auto kept = session.files().write(request.output, *text);
    if (!kept) return tl::unexpected(std::move(kept.error()).during("writing the export"));
    session.hint(session.text(Say::export_written, request.output));
  } else if (!request.json) {
    session.print(*text);
  }
  return 0;
}

}  // namespace heliu::app
