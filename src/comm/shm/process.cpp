#include "comm/shm/process.h"

#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

namespace heliu::comm::shm {
namespace {

struct Stat {
  char state = 0;
  uint64_t start_time = 0;
};

// Fields 3 and 22 of /proc/PID/stat (proc(5)). Field 2, the program's name, may hold blanks and
// brackets, so reading begins after the last bracket.
std::optional<Stat> read_stat(int pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string line;
  if (!std::getline(file, line) || line.rfind(')') == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  Stat stat;
  fields >> stat.state;
  std::string skipped;
  for (int field = 4; field < 22; ++field) fields >> skipped;
  fields >> stat.start_time;
  return stat;
}

Identity identity_of(int pid, uint64_t start_time) {
  return uint64_t(uint32_t(pid)) | (start_time << 32);
}

}  // namespace

Identity this_process() {
  std::optional<Stat> stat = read_stat(getpid());
  return identity_of(getpid(), stat ? stat->start_time : 0);
}

int process_id(Identity identity) { return int(uint32_t(identity)); }

bool alive(Identity identity) {
  int pid = process_id(identity);
  if (kill(pid, 0) != 0 && errno == ESRCH) return false;
  std::optional<Stat> stat = read_stat(pid);
  // Without /proc the signal above is all that can be known.
  if (!stat) return kill(pid, 0) == 0 || errno == EPERM;
  bool ended = stat->state == 'Z' || stat->state == 'X' || stat->state == 'x';
  return !ended && identity_of(pid, stat->start_time) == identity;
}

}  // namespace heliu::comm::shm
