// evidence and calibrate: the forecast beside what others measured.
#include <fmt/format.h>

#include "app/accuracy.h"
#include "app/commands.h"
#include "app/resources.h"
#include "host/catalog.h"
#include "host/evidence.h"

namespace heliu::app {
namespace {

using cost::RowScore;
using cost::RowStatus;

Result<std::vector<Measurement>> measurements(Session& session) {
  const std::string& file = session.request().file;
  if (!file.empty()) return host::read_evidence(session.files(), file);
  return host::read_all_evidence(session.files(), host::evidence_folder());
}

template <class Keep>
std::vector<RowScore> only(const std::vector<RowScore>& rows, Keep keep) {
  std::vector<RowScore> out;
  for (const RowScore& row : rows)
    if (keep(row)) out.push_back(row);
  return out;
}

bool is_production(const RowScore& row) {
  for (const char* family : {"mbridge", "nemo", "mlperf", "llmfoundry", "torchtitan", "internevo"})
    if (row.group.starts_with(family)) return true;
  return false;
}

void tell_left_out(Session& session, const std::vector<RowScore>& rows) {
  for (const RowScore& row : rows)
    if (row.status != RowStatus::ok)
      session.print(fmt::format("  {}: {}: {}\n", row.id,
                                row.status == RowStatus::invalid ? "invalid" : "unsupported",
                                row.reason));
}

void tell_rows(Session& session, const std::vector<RowScore>& rows) {
  for (const RowScore& row : rows)
    if (row.status == RowStatus::ok)
      session.print(fmt::format("  {:<28} forecast {:9.4f} s  measured {:9.4f} s  {:+6.1f} %\n",
                                row.id, row.forecast, row.measured, 100 * row.error()));
}

}  // namespace

Result<int> command_evidence(Session& session) {
  if (session.request().inference) return command_evidence_of_serving(session);
  auto known = catalog(session);
  if (!known) return tl::unexpected(std::move(known.error()));
  auto learned = calibration(session);
  if (!learned) return tl::unexpected(std::move(learned.error()));
  auto rows = measurements(session);
  if (!rows) return tl::unexpected(std::move(rows.error()));

  const Request& request = session.request();
  auto scores = only(cost::score(*rows, *known, *learned), [&](const RowScore& row) {
    return row.group.starts_with(request.group) && (row.held_out || !request.untouched);
  });
  if (scores.empty())
    return fail(Error::Kind::not_found,
                "no measurement in groups that begin with " + request.group);
  auto groups = cost::summarize(scores);
  session.print(table_of_groups(groups));
  tell_left_out(session, scores);
  if (request.rows) tell_rows(session, scores);
  Json row_list = Json::array(), group_list = Json::array();
  for (const RowScore& row : scores) row_list.push_back(json_of(row));
  for (const cost::GroupScore& group : groups) group_list.push_back(json_of(group));
  session.print(Json{{"rows", row_list}, {"groups", group_list}});
  return 0;
}

Result<int> command_calibrate(Session& session) {
  auto known = catalog(session);
  if (!known) return tl::unexpected(std::move(known.error()));
  auto rows = measurements(session);
  if (!rows) return tl::unexpected(std::move(rows.error()));

  // Four fifths are fitted; then every row is forecast once more by a fit that has not seen it.
  Calibration learned = cost::calibrate(*rows, *known);
  auto crossed = cost::cross_validate(*rows, *known);
  auto scores = cost::score(*rows, *known, learned);
  Accuracy accuracy{
      .fitted = cost::summarize(only(scores, [](const RowScore& r) { return !r.held_out; })),
      .untouched = cost::summarize(only(scores, [](const RowScore& r) { return r.held_out; })),
      .crossed = cost::summarize(crossed),
      .production = cost::summarize(only(crossed, is_production)),
      .left_out = only(scores, [](const RowScore& r) { return r.status != RowStatus::ok; })};
  accuracy.production = {accuracy.production.back()};
  learned.source = session.request().file.empty()
                       ? "evidence/training/*.csv, the four fifths whose ids hash to 1..4 of 0..4"
                       : session.request().file + ", four fifths of its rows by hash of their ids";
  learned.error = accuracy.production.front().supported ? accuracy.production.front().mean
                                                        : accuracy.crossed.back().mean;

  session.print(table_of_groups(accuracy.untouched));
  const Request& request = session.request();
  if (!request.output.empty())
    if (auto wrote = session.files().write(request.output, to_json(learned).dump(1) + "\n"); !wrote)
      return tl::unexpected(std::move(wrote.error()));
  if (!request.report.empty())
    if (auto wrote = session.files().write(request.report, page_on(accuracy, learned)); !wrote)
      return tl::unexpected(std::move(wrote.error()));
  session.print(to_json(learned));
  return 0;
}

}  // namespace heliu::app
