// Fields of a machine-written document that this version does not know: kept and written back.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace heliu {

using Extra = std::vector<std::pair<std::string, std::string>>;  // name, JSON text

}  // namespace heliu
