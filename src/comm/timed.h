// A group that does what another does and keeps the time that its rank spends in it.
#pragma once

#include <memory>

#include "comm/group.h"

namespace heliu::comm {

// Adds to `seconds`. Both must outlive the result.
std::unique_ptr<Group> timed(Group& inner, double& seconds);

}  // namespace heliu::comm
