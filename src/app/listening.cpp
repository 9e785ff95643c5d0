#include "app/listening.h"

#include "host/process.h"

namespace heliu::app {
namespace {

Error failure(const ledger::Job& job, const Record& record) {
  return {.kind = Error::Kind::job_failed,
          .message = job.id + ": " + record.message,
          .where = record.path,
          .hint = "heliu logs " + job.id + "; heliu run --resume " + job.id + " goes on from the last checkpoint"};
}

}  // namespace

Result<Event> listen(Session& session, broker::World& world, const ledger::Job& job,
                     const std::function<void(const Record&)>& heard) {
  auto dispatch = broker::Dispatch::start(world, job);
  if (!dispatch) return tl::unexpected(std::move(dispatch.error()));
  std::optional<Error> failed;
  std::optional<Event> ended;
  bool asked = false;
  while (!dispatch->over()) {
    auto records = dispatch->step(0.1_s);
    if (!records) return tl::unexpected(std::move(records.error()));
    for (const Record& record : *records) {
      heard(record);
      if (record.event == Event::failed && !failed) failed = failure(job, record);
      if (record.rank == 0 && (record.event == Event::finished || record.event == Event::stopped)) ended = record.event;
    }
    if (host::interrupted() && !asked) {
      asked = true;
      session.end_progress();
      session.hint(session.text(Say::stopping));
      dispatch->ask_to_stop();
    }
  }
  if (failed) return fail(std::move(*failed));
  if (!ended) return fail(Error::Kind::job_failed, job.id + ": its ranks ended without a word");
  return *ended;
}

}  // namespace heliu::app
