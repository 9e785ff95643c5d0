// The group of one: every operation is done at once and nothing is waited for.
#pragma once

#include <memory>

#include "comm/group.h"

namespace heliu::comm {

std::unique_ptr<Group> alone();

}  // namespace heliu::comm
