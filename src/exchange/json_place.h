// Where a key stands in a JSON text, which JSON parsers do not tell.
#pragma once

#include <string>
#include <vector>

#include "base/text.h"

namespace heliu::exchange {

// The place of the key at the end of the path, e.g. {"text_config", "hidden_size"}; where it is not
// there, that of the deepest object on the way. The text must be well-formed JSON.
Mark place_of(const SourceText& source, const std::vector<std::string>& path);

}  // namespace heliu::exchange
