// What a broker works with: the ledger, and the doors to the operating system.
#pragma once

#include <string>

#include "host/clock.h"
#include "host/files.h"
#include "host/launcher.h"
#include "ledger/store.h"

namespace heliu::broker {

struct World {
  ledger::Ledger& ledger;
  host::Launcher& launcher;
  host::Files& files;
  host::Clock& clock;
  std::string program;  // the binary whose `worker` command runs a rank
  std::string folder;   // where jobs keep their files
};

}  // namespace heliu::broker
