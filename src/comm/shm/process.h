// A process as its peers see it: which one it is, and whether it still runs.
#pragma once

#include <cstdint>

namespace heliu::comm::shm {

// The process id in the low half and its start time (clock ticks since boot, cut to 32 bits) in the
// high half, so that an id that was given out again is not taken for the old process. 0: nobody.
using Identity = uint64_t;

Identity this_process();
int process_id(Identity identity);

// A zombie no longer runs. Ranks must share one process namespace.
bool alive(Identity identity);

}  // namespace heliu::comm::shm
