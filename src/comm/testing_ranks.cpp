#include "comm/testing_ranks.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

namespace heliu::comm::testing {
namespace {

std::string run(const Membership& membership, const Body& body) {
  try {
    auto group = join("shm", membership);
    body(*group);
    return ::testing::Test::HasFailure() ? "an expectation failed" : "";
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace

std::string fresh_name() {
  static int count = 0;
  return fmt::format("test-{}-{}", getpid(), ++count);
}

Child start_rank(const Membership& membership, const Body& body) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  fflush(nullptr);
  int pid = fork();
  if (pid != 0) {
    close(ends[1]);
    return {pid, ends[0]};
  }
  std::string said = run(membership, body);
  ssize_t written = write(ends[1], said.data(), said.size());
  fflush(nullptr);
  _exit(written == ssize_t(said.size()) ? 0 : 1);
}

std::string outcome(Child child) {
  std::string said;
  char buffer[4096];
  for (ssize_t length; (length = read(child.pipe, buffer, sizeof buffer)) > 0;)
    said.append(buffer, size_t(length));
  close(child.pipe);
  int status = 0;
  waitpid(child.pid, &status, 0);
  if (WIFSIGNALED(status)) return fmt::format("killed by signal {}", WTERMSIG(status));
  return WEXITSTATUS(status) == 0 ? said : fmt::format("exit code {}", WEXITSTATUS(status));
}

Outcomes run_processes(int size, const Body& body, std::chrono::seconds patience) {
  std::string name = fresh_name();
  std::vector<Child> children;
  for (int rank = 0; rank < size; ++rank)
    children.push_back(start_rank({name, rank, size, patience}, body));
  Outcomes outcomes;
  for (Child child : children) outcomes.push_back(outcome(child));
  return outcomes;
}

Outcomes run_threads(int size, const Body& body) {
  std::string name = fresh_name();
  Outcomes outcomes(size_t(size), "");
  std::vector<std::thread> threads;
  for (int rank = 0; rank < size; ++rank)
    threads.emplace_back([&, rank] {
      outcomes[size_t(rank)] = run({name, rank, size, std::chrono::seconds(30)}, body);
    });
  for (std::thread& thread : threads) thread.join();
  return outcomes;
}

}  // namespace heliu::comm::testing
