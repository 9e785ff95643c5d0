// Plans of a pool's islands as tables and pages for people.
#pragma once

#include "app/session.h"
#include "planner/explanation.h"
#include "planner/mixed.h"

namespace heliu::app {

std::string plan_table(const Session& session, const std::vector<Plan>& plans);

// What was searched, the best of each island, the front, and why islands have none.
std::string search_page(const Session& session, const planner::ClusterSearch& found);

// Why the first came first, what binds it, what more memory would do, what comes next.
std::string reasons(const Session& session, const std::vector<Plan>& plans, Objective by,
                    const planner::Explanation& why);

// Two plans side by side, where their time differs most first.
std::string comparison(const Session& session, const Plan& a, const Plan& b);

// All of one plan.
std::string plan_page(const Session& session, const Plan& plan, const planner::Explanation& why);

// Each kind of plan over several islands, with what crossing costs and each one's share.
std::string mixed_page(const Session& session, const std::vector<planner::MixedPlan>& plans);

Json to_json(const planner::Explanation& why);
Json to_json(const std::vector<planner::MixedPlan>& plans);

}  // namespace heliu::app
