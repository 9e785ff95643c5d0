// plan --pool, plan --compare, explain plan: planning for clusters that are not this machine.
#include "app/commands.h"
#include "app/flow.h"
#include "app/plan_view.h"
#include "app/resources.h"
#include "planner/relaxation.h"
#include "spec/resolve.h"
#include "train/run.h"

namespace heliu::app {
namespace {

// The plans that were printed last, and the pool they are for, in the state folder.
struct LastSearch {
  Pool pool;
  std::vector<Plan> plans;
};

std::string last_search_path() { return host::state_folder() + "/plans.json"; }

std::vector<Plan> named(const planner::ClusterSearch& found) {
  std::vector<Plan> all = found.plans;
  auto add = [&](const Plan& plan) {
    for (const Plan& one : all)
      if (one.id == plan.id) return;
    all.push_back(plan);
  };
  for (const Plan& plan : found.front) add(plan);
  for (const planner::IslandFindings& one : found.islands)
    if (one.best) add(*one.best);
  return all;
}

Result<void> remember(Session& session, const LastSearch& last) {
  Json plans = Json::array();
  for (const Plan& plan : last.plans) plans.push_back(heliu::to_json(plan));
  Json all{{"pool", heliu::to_json(last.pool)}, {"plans", plans}};
  return session.files().write(last_search_path(), all.dump(1) + "\n");
}

Result<LastSearch> recall(Session& session) {
  std::string path = last_search_path();
  if (!session.files().exists(path))
    return fail({.kind = Error::Kind::not_found,
                 .message = "no plans were made yet",
                 .hint = "heliu plan WORKLOAD --pool POOL"});
  auto text = session.files().read(path);
  if (!text) return tl::unexpected(std::move(text.error()));
  Json all = Json::parse(*text, nullptr, false);
  if (!all.is_object() || !all.contains("pool") || !all["plans"].is_array())
    return fail({.kind = Error::Kind::bad_input,
                 .message = "the plans made last cannot be read",
                 .where = path,
                 .hint = "heliu plan WORKLOAD --pool POOL makes them anew"});
  LastSearch last;
  auto pool = read_json<Pool>({path, all["pool"].dump()});
  if (!pool) return tl::unexpected(std::move(pool.error()));
  last.pool = std::move(*pool);
  for (const Json& one : all["plans"]) {
    auto plan = read_json<Plan>({path, one.dump()});
    if (!plan) return tl::unexpected(std::move(plan.error()));
    last.plans.push_back(std::move(*plan));
  }
  return last;
}

Result<const Plan*> pick(const std::vector<Plan>& plans, const std::string& id) {
  std::string names;
  for (const Plan& plan : plans) {
    if (plan.id == id || plan.id == "p" + id) return &plan;
    names += (names.empty() ? "" : ", ") + plan.id;
  }
  return fail({.kind = Error::Kind::not_found,
               .message = "no such plan among those made last: " + id,
               .hint = names});
}

Result<int> compare(Session& session, const std::vector<Plan>& plans) {
  auto a = pick(plans, session.request().compare.at(0));
  if (!a) return tl::unexpected(std::move(a.error()));
  auto b = pick(plans, session.request().compare.at(1));
  if (!b) return tl::unexpected(std::move(b.error()));
  session.print(comparison(session, **a, **b));
  session.print(Json{{"plans", {heliu::to_json(**a), heliu::to_json(**b)}}});
  return 0;
}

Json counts_json(const planner::Counts& c) {
  return {{"candidates", c.candidates},
          {"misfits", c.misfits},
          {"too_large", c.too_large},
          {"cannot_win", c.bounded},
          {"estimated", c.evaluated}};
}

Json search_json(const planner::ClusterSearch& found, const planner::Explanation& why) {
  Json plans = Json::array(), front = Json::array(), islands = Json::array();
  for (const Plan& plan : found.plans) plans.push_back(heliu::to_json(plan));
  for (const Plan& plan : found.front) front.push_back(heliu::to_json(plan));
  for (const planner::IslandFindings& one : found.islands) {
    Json island{{"place", one.place}, {"counts", counts_json(one.counts)}};
    if (one.best) island["best"] = heliu::to_json(*one.best);
    if (!one.best) island["why_not"] = one.why_not;
    for (const planner::Rejection& r : one.rejected)
      island["rejected"].push_back({{"reason", r.reason}, {"layouts", r.count}});
    islands.push_back(std::move(island));
  }
  return {{"plans", plans},
          {"front", front},
          {"islands", islands},
          {"counts", counts_json(found.counts)},
          {"explanation", to_json(why)}};
}

Error nothing_feasible(const Pool& pool, const Workload& workload, const Catalog& known,
                       const Calibration& taught, const planner::ClusterOptions& options) {
  std::string hint;
  for (const planner::Relaxation& one :
       planner::relaxations(pool, workload, known, taught, options))
    hint += (hint.empty() ? "" : "; ") + one.change;
  if (hint.empty()) hint = "no single change that was tried makes it possible";
  return {.kind = Error::Kind::infeasible,
          .message = "no plan on the pool " + pool.name + " holds the work or its goal",
          .hint = hint};
}

Result<Workload> complete(Workload workload) {
  if (workload.model.vocabulary > 0 || workload.data.text.empty()) return workload;
  return train::complete(std::move(workload));
}

}  // namespace

Result<int> command_plan_on_pool(Session& session) {
  const Request& request = session.request();
  auto loaded = load_workload(session, request.file);
  if (!loaded) return tl::unexpected(std::move(loaded.error()));
  auto workload = complete(std::move(*loaded));
  if (!workload) return tl::unexpected(std::move(workload.error()));
  auto known = catalog(session);
  if (!known) return tl::unexpected(std::move(known.error()));
  auto pool = pool_from(session, request.pool, *known);
  if (!pool) return tl::unexpected(std::move(pool.error()));
  auto taught = calibration(session);
  if (!taught) return tl::unexpected(std::move(taught.error()));

  if (workload->kind == WorkloadKind::serve)
    return plan_serving(session, *pool, *workload, *known, *taught);

  // Every layout of every island; then why the first one is the first.
  planner::ClusterOptions options{request.framework, size_t(request.keep), 0};
  auto found = planner::search_cluster(*pool, *workload, *known, *taught, options);
  if (!found) return tl::unexpected(std::move(found.error()));
  if (found->plans.empty()) {
    session.print(search_page(session, *found));
    return fail(nothing_feasible(*pool, *workload, *known, *taught, options));
  }
  auto why = planner::explain(*pool, found->plans.front(), *known, *taught);
  if (!why) return tl::unexpected(std::move(why.error()));
  found->plans.front().reason =
      planner::why_first(found->plans.front(), found->plans.size() > 1 ? &found->plans[1] : nullptr,
                         workload->goal.minimize);
  LastSearch last{std::move(*pool), named(*found)};
  if (auto kept = remember(session, last); !kept) return tl::unexpected(std::move(kept.error()));

  if (!request.compare.empty()) return compare(session, last.plans);
  session.print(search_page(session, *found));
  session.print(session.text(Say::best_title) + "\n" + plan_table(session, found->plans));
  session.print(reasons(session, found->plans, workload->goal.minimize, *why));
  Json all = search_json(*found, *why);
  if (request.mixed) {
    auto mixed = planner::search_mixed(last.pool, *workload, *known, *taught, options);
    if (!mixed) return tl::unexpected(std::move(mixed.error()));
    session.print(mixed_page(session, *mixed));
    all["mixed"] = to_json(*mixed);
  }
  session.print(all);
  const std::string& first = last.plans[0].id;
  std::string next = session.text(Say::next_plan_explained, first);
  if (last.plans.size() > 1) next += session.text(Say::next_plan_compared, first, last.plans[1].id);
  session.hint(next);
  return 0;
}

Result<int> command_compare(Session& session) {
  auto last = recall(session);
  if (!last) return tl::unexpected(std::move(last.error()));
  return compare(session, last->plans);
}

Result<int> command_explain_plan(Session& session) {
  auto last = recall(session);
  if (!last) return tl::unexpected(std::move(last.error()));
  auto plan = pick(last->plans, session.request().id);
  if (!plan) return tl::unexpected(std::move(plan.error()));
  auto known = catalog(session);
  if (!known) return tl::unexpected(std::move(known.error()));
  auto taught = calibration(session);
  if (!taught) return tl::unexpected(std::move(taught.error()));
  auto pool = resolve(std::move(last->pool), *known);
  if (!pool) return tl::unexpected(std::move(pool.error()));
  auto why = planner::explain(*pool, **plan, *known, *taught);
  if (!why) return tl::unexpected(std::move(why.error()));
  session.print(plan_page(session, **plan, *why));
  session.print(Json{{"plan", heliu::to_json(**plan)}, {"explanation", to_json(*why)}});
  return 0;
}

}  // namespace heliu::app
