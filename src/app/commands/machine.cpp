// discover and bench: what this machine is.
#include "app/commands.h"
#include "app/flow.h"
#include "app/measuring.h"
#include "app/narration.h"

namespace heliu::app {
namespace {

Result<int> tell_machine(Session& session, const Pool& pool,
                         const Result<Coefficients>& coefficients) {
  if (!coefficients) return tl::unexpected(coefficients.error());
  tell_coefficients(session, *coefficients);
  session.print(Json{{"pool", to_json(pool)}, {"coefficients", to_json(*coefficients)}});
  return 0;
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

}  // namespace heliu::app
