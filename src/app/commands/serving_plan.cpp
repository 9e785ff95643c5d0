// plan --pool for workloads of kind serve.
#include "app/commands.h"
#include "app/serve_view.h"

namespace heliu::app {

Result<int> plan_serving(Session& session, const Pool& pool, const Workload& workload,
                         const Catalog& known, const Calibration& taught) {
  if (!session.request().compare.empty())
    return fail({.kind = Error::Kind::usage,
                 .message = "plans for serving stand side by side in one table: --compare is for "
                            "training",
                 .hint = "heliu plan WORKLOAD --pool POOL --keep 20"});
  planner::ServeOptions options{size_t(session.request().keep), {}};
  auto found = planner::search_serving(pool, workload, known, taught, options);
  if (!found) return tl::unexpected(std::move(found.error()));
  session.print(serve_page(session, *found));
  if (found->plans.empty()) return fail(planner::nothing_serves(pool, *found));
  session.print(session.text(Say::serve_best_title) + "\n" + serve_table(session, found->plans));
  if (workload.model.experts.count) session.hint(session.text(Say::serve_mixture_warning));
  session.print(to_json(*found));
  return 0;
}

}  // namespace heliu::app
