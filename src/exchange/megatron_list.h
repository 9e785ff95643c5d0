// The arguments of Megatron-LM that say what a plan says.
#pragma once

#include <string>
#include <vector>

#include "exchange/export.h"
#include "exchange/refusals.h"

namespace heliu::exchange {

// Arguments of one concern, a line each: {"--num-layers 32", "--swiglu"}.
struct ArgumentGroup {
  std::string name;  // of a bash array: "MODEL"
  std::vector<std::string> lines;
};

std::vector<ArgumentGroup> megatron_list(const Plan& plan, Refusals& refusals);

// The groups as bash arrays.
std::string print_arrays(const std::vector<ArgumentGroup>& groups);

struct Nodes {
  int count = 1;
  int devices = 1;  // of each
};
Nodes nodes_of(const Plan& plan, const Launch& launch, Refusals& refusals);

}  // namespace heliu::exchange
