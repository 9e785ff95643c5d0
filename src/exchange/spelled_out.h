// A model with every default written out, so that two that are the same compare as the same.
#pragma once

#include "spec/model.h"

namespace heliu::exchange {

// What has no effect (the dense width where every layer has experts, the distance of windows where
// there is none) has one value too.
Model spelled_out(Model model);

}  // namespace heliu::exchange
