// explain and version: what the program knows of itself.
#include "app/commands.h"
#include "device/device.h"
#include "spec/explain.h"
#include "spec/schema.h"

namespace heliu::app {
namespace {

Result<int> print_schema(Session& session) {
  for (const TableInfo* document : documents()) {
    if (document->name != session.request().schema) continue;
    session.print(session.request().json ? "" : json_schema(*document).dump(2));
    session.print(json_schema(*document));
    return 0;
  }
  return fail(
      {.kind = Error::Kind::not_found,
       .message = "no such document: " + session.request().schema,
       .hint = "pool, workload, plan, record, coefficients, chip, catalog_node or catalog_fabric"});
}

}  // namespace

Result<int> command_explain(Session& session) {
  if (!session.request().schema.empty()) return print_schema(session);
  if (session.request().reference) {
    session.print(reference_page());
    return 0;
  }
  std::string path = session.request().path;
  if (path.empty())
    return fail({.kind = Error::Kind::usage,
                 .message = "explain needs a name",
                 .hint = "heliu explain workload.model"});
  auto text = explain(path, session.language());
  if (!text) return tl::unexpected(std::move(text.error()));
  session.print(*text);
  session.print(Json{{"path", path}, {"text", *text}});
  return 0;
}

Result<int> command_version(Session& session) {
  Json backends = device::backends();
  session.print(fmt::format("heliu {}\ncompiler GCC {}\nbackends {}", HELIU_VERSION, __VERSION__,
                            backends.dump()));
  session.print(
      Json{{"version", HELIU_VERSION}, {"compiler", __VERSION__}, {"backends", backends}});
  return 0;
}

}  // namespace heliu::app
