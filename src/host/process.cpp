#include "host/process.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <fstream>
#include <string>

namespace heliu::host {
namespace {

std::atomic<int> caught{0};

void on_signal(int number) {
  if (caught.exchange(number) == SIGINT && number == SIGINT) ::_exit(130);
}

// A line of /proc/self/status, such as "VmHWM:   1234 kB".
Bytes status_line(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key))
      return Bytes::of(1024.0 * std::strtod(line.c_str() + key.size(), nullptr));
  return {};
}

}  // namespace

Bytes resident_memory() { return status_line("VmRSS:"); }
Bytes peak_resident_memory() { return status_line("VmHWM:"); }

std::string own_program() {
  char path[PATH_MAX];
  ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  return length > 0 ? std::string(path, size_t(length)) : "heliu";
}

int own_process() { return ::getpid(); }

bool is_alive(int process) { return process > 0 && (::kill(process, 0) == 0 || errno == EPERM); }

double load_average() {
  double loads[1] = {0};
  return ::getloadavg(loads, 1) == 1 ? loads[0] : 0;
}

void catch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

int interrupted() { return caught.load(); }

}  // namespace heliu::host
