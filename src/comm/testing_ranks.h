// Real ranks for tests: each a process of its own, or a thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "comm/group.h"

namespace heliu::comm::testing {

using Body = std::function<void(Group&)>;

// A name no other test uses, also in a test program that runs beside this one.
std::string fresh_name();

// What became of each rank: "" if the body returned and all its expectations held, else the text of
// the exception, "an expectation failed" or "killed by signal N". Returns when all have ended.
using Outcomes = std::vector<std::string>;

Outcomes run_processes(int size, const Body& body,
                       std::chrono::seconds patience = std::chrono::seconds(30));
Outcomes run_threads(int size, const Body& body);

// One process that joins, runs the body and ends; for tests that interfere with it.
struct Child {
  int pid = 0;
  int pipe = -1;
};

Child start_rank(const Membership& membership, const Body& body);
std::string outcome(Child child);

}  // namespace heliu::comm::testing
