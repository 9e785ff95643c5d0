// evidence --inference: the forecast of serving beside what others measured.
#include <fmt/format.h>

#include <map>

#include "app/accuracy.h"
#include "app/commands.h"
#include "app/resources.h"
#include "cost/serving_score.h"
#include "host/evidence.h"

namespace heliu::app {
namespace {

using cost::RowScore;
using cost::RowStatus;

Result<std::vector<RowScore>> scores_of(Session& session, const Catalog& known,
                                        const Calibration& learned) {
  const std::string& file = session.request().file;
  std::string folder = host::evidence_folder();
  std::string runs = file.empty() ? folder + "/inference.csv" : file;
  std::string models = folder + "/served-models.csv";
  auto text = session.files().read(runs);
  if (!text) return tl::unexpected(std::move(text.error()).during("reading the evidence"));
  auto rows = read_served({runs, *text});
  if (!rows) return tl::unexpected(std::move(rows.error()));
  auto model_text = session.files().read(models);
  if (!model_text)
    return tl::unexpected(std::move(model_text.error()).during("reading the evidence"));
  auto made = read_served_models({models, *model_text});
  if (!made) return tl::unexpected(std::move(made.error()));
  return cost::score_serving(*rows, *made, known, learned, {});
}

std::string reasons(const std::vector<RowScore>& rows) {
  std::map<std::string, int> counts;
  for (const RowScore& row : rows)
    if (row.status != RowStatus::ok) ++counts[row.reason];
  std::string text;
  for (const auto& [reason, count] : counts) text += fmt::format("  {:>4}  {}\n", count, reason);
  return text;
}

Json json_of_served(const RowScore& row) {
  bool ok = row.status == RowStatus::ok;
  Json out{{"id", row.id}, {"group", row.group}, {"status", ok ? "ok" : "unsupported"}};
  if (!ok) out["reason"] = row.reason;
  out["measured_tokens_per_s"] = row.measured > 0 ? Json(row.measured) : Json();
  out["forecast_tokens_per_s"] = ok ? Json(row.forecast) : Json();
  out["error"] = ok ? Json(row.error()) : Json();
  return out;
}

}  // namespace

Result<int> command_evidence_of_serving(Session& session) {
  auto known = catalog(session);
  if (!known) return tl::unexpected(std::move(known.error()));
  auto learned = calibration(session);
  if (!learned) return tl::unexpected(std::move(learned.error()));
  auto all = scores_of(session, *known, *learned);
  if (!all) return tl::unexpected(std::move(all.error()));
  std::vector<RowScore> rows, compared;
  for (RowScore& row : *all) {
    if (!row.group.starts_with(session.request().group)) continue;
    if (row.status == RowStatus::ok) compared.push_back(row);
    rows.push_back(std::move(row));
  }
  if (rows.empty())
    return fail(Error::Kind::not_found,
                "no measurement in groups that begin with " + session.request().group);
  auto groups = cost::summarize(compared);
  session.print(table_of_groups(groups));
  session.print(session.text(Say::not_compared, rows.size() - compared.size()) + "\n" +
                reasons(rows));
  if (session.request().rows)
    for (const RowScore& row : compared)
      session.print(fmt::format("  {:<58} forecast {:9.0f}  measured {:9.0f}  {:+6.1f} %\n", row.id,
                                row.forecast, row.measured, 100 * row.error()));
  Json row_list = Json::array(), group_list = Json::array();
  for (const RowScore& row : rows) row_list.push_back(json_of_served(row));
  for (const cost::GroupScore& group : groups) group_list.push_back(json_of(group));
  session.print(Json{{"rows", row_list}, {"groups", group_list}});
  return 0;
}

}  // namespace heliu::app
