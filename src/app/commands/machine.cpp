// discover, bench and pool: what there is.
#include "app/commands.h"
#include "app/flow.h"
#include "app/measuring.h"
#include "app/narration.h"
#include "host/discover.h"

namespace heliu::app {
namespace {

Result<int> tell_machine(Session& session, const Pool& pool, const Result<Coefficients>& coefficients) {
  if (!coefficients) return tl::unexpected(coefficients.error());
  tell_coefficients(session, *coefficients);
  session.print(Json{{"pool", to_json(pool)}, {"coefficients", to_json(*coefficients)}});
  return 0;
}

Result<Pool> read_pool(Session& session) {
  if (session.request().file.empty()) return host::discover(session.files());
  auto text = session.files().read(session.request().file);
  if (!text) return tl::unexpected(std::move(text.error()).during("reading the pool"));
  return read_yaml<Pool>({session.request().file, *text});
}

}  // namespace

Result<int> command_discover(Session& session) {
  auto pool = discover(session);
  if (!pool) return tl::unexpected(std::move(pool.error()));
  return tell_machine(session, *pool, known_or_measured(session, *pool, session.request().island));
}

Result<int> command_bench(Session& session) {
  auto pool = discover(session);
  if (!pool) return tl::unexpected(std::move(pool.error()));
  double seconds = session.request().duration;
  Seconds duration = seconds > 0 ? Seconds::of(seconds) : Bench{}.duration;
  return tell_machine(session, *pool, measure(session, *pool, session.request().island, duration));
}

// Without a file: this machine, as a file that can be kept and edited.
Result<int> command_pool(Session& session) {
  auto pool = read_pool(session);
  if (!pool) return tl::unexpected(std::move(pool.error()));
  session.print(to_yaml(*pool));
  session.print(to_json(*pool));
  return 0;
}

}  // namespace heliu::app
