// Plans to serve a model, as tables for people and JSON for programs.
#pragma once

#include "app/session.h"
#include "planner/serve_search.h"

namespace heliu::app {

std::string serve_table(const Session& session, const std::vector<Plan>& plans);

// What was searched, the best of each island, and why islands have none.
std::string serve_page(const Session& session, const planner::ServeSearch& found);

Json to_json(const planner::ServeSearch& found);

}  // namespace heliu::app
