// How the ranks of a group find each other: by a file name in /dev/shm, which is gone as soon as
// all have come, so that nothing is left behind and the name is free for the next group.
//
// A segment gets its name only when it is complete, in one step (a nameless file is linked), so
// nobody sees half of one. The first rank makes it. One whose maker is dead is left from an earlier
// run and is replaced.
#pragma once

#include <memory>
#include <string>

#include "comm/group.h"
#include "comm/shm/segment.h"

namespace heliu::comm::shm {

// Returns when all ranks have come; throws CommError when one does not, or is there twice.
std::shared_ptr<Segment> meet(const Membership& membership);

// Where the group's segment has its name while ranks are awaited: one name space for each user.
std::string meeting_path(const std::string& name);

}  // namespace heliu::comm::shm
