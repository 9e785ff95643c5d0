// A group of processes (or threads) of one host that meet in a shared memory segment.
#pragma once

#include <memory>

#include "comm/group.h"

namespace heliu::comm::shm {

std::unique_ptr<Group> join(const Membership& membership);

}  // namespace heliu::comm::shm
