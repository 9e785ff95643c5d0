#include "app/foreign.h"

#include <fmt/ranges.h>

#include <filesystem>

#include "exchange/huggingface.h"
#include "exchange/megatron_arguments.h"
#include "exchange/spelled_out.h"

namespace heliu::app {
namespace {

Result<Workload> written(Session& session, const SourceText& source) {
  if (session.request().from != "megatron") return read_yaml<Workload>(source);
  auto read = exchange::read_megatron(source);
  if (!read) return tl::unexpected(std::move(read.error()));
  if (!read->ignored.empty())
    session.hint(
        session.text(Say::arguments_ignored, fmt::format("{}", fmt::join(read->ignored, ", "))));
  // A file's name may be any bytes, a document's text may not.
  std::string stem = std::filesystem::path(source.name).stem().string();
  if (!stem.empty() && decode_utf8({source.name, stem})) read->workload.name = stem;
  return read->workload;
}

// The config.json to read the model from; empty: there is none.
std::string configuration(const Session& session, const Workload& workload,
                          const std::string& name) {
  if (!session.request().model.empty()) return session.request().model;
  if (workload.model.huggingface.empty()) return {};
  auto folder = std::filesystem::path(name).parent_path();
  return (folder / workload.model.huggingface).lexically_normal().string();
}

}  // namespace

Result<Workload> workload_of(Session& session, const SourceText& source) {
  auto workload = written(session, source);
  if (!workload) return workload;
  int64_t asked = session.request().sequence;
  std::string path = configuration(session, *workload, source.name);
  if (path.empty()) {
    if (asked) workload->model.sequence = asked;
    return workload;
  }
  auto text = session.files().read(path);
  if (!text) return tl::unexpected(std::move(text.error()).during("reading the model"));
  auto model = exchange::read_huggingface({path, *text}, asked ? asked : workload->model.sequence);
  if (!model) return tl::unexpected(std::move(model.error()));
  workload->model = std::move(*model);
  return workload;
}

Result<void> runnable(const Model& model) {
  Model plain{.layers = model.layers,
              .hidden = model.hidden,
              .heads = model.heads,
              .sequence = model.sequence,
              .feed_forward = model.feed_forward,
              .vocabulary = model.vocabulary};
  if (exchange::spelled_out(plain) == exchange::spelled_out(model)) return {};
  return fail({.kind = Error::Kind::infeasible,
               .message = "this version's runtime trains plain models of family gpt only",
               .hint = "heliu plan and heliu export take every model"});
}

}  // namespace heliu::app
