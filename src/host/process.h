// What a process may know of itself.
#pragma once

#include <string>

#include "base/units.h"

namespace heliu::host {

Bytes resident_memory();       // now
Bytes peak_resident_memory();  // since it started

std::string own_program();  // the path of the running binary
int own_process();
bool is_alive(int process);
double load_average();  // of the last minute

// From here on SIGINT and SIGTERM only set a flag; a second SIGINT ends the process at once.
void catch_interrupts();
// The signal that came, or 0.
int interrupted();

}  // namespace heliu::host
