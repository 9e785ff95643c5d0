// Two small languages in which Megatron-LM says something of every layer.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace heliu::exchange {

// A Python list expression: "[0]*3+[1]*58", "([1,0])*12". None where it is not one, or has more
// than 100,000 items.
std::optional<std::vector<int>> list_expression(const std::string& text);

// A pipeline layout (--pipeline-model-parallel-layout): "Et*2|(tt|)*22t|mL" written out without
// repetitions, "Ett|tt|...". None where it is not one.
std::optional<std::string> pipeline_layout(const std::string& text);

}  // namespace heliu::exchange
