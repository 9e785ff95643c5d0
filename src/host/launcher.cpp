#include "host/launcher.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

namespace heliu::host {
namespace {

struct Rank {
  pid_t process = -1;
  int output = -1;      // read end of its standard output, -1 once closed
  std::string partial;  // a line that has not ended
  std::optional<RankEnd> end;
};

class LocalRunning : public Running {
 public:
  explicit LocalRunning(std::vector<Rank> ranks) : ranks_(std::move(ranks)) {}

  ~LocalRunning() override {
    kill();
    for (Rank& rank : ranks_) {
      if (rank.output >= 0) ::close(rank.output);
      if (!rank.end) ::waitpid(rank.process, nullptr, 0);
    }
  }

  std::vector<RankLine> lines(Seconds patience) override {
    std::vector<pollfd> open;
    std::vector<int> owner;
    for (int r = 0; r < size(); ++r)
      if (ranks_[size_t(r)].output >= 0)
        open.push_back({ranks_[size_t(r)].output, POLLIN, 0}), owner.push_back(r);
    std::vector<RankLine> found;
    if (::poll(open.data(), open.size(), int(patience.base() * 1e3)) <= 0) return found;
    for (size_t i = 0; i < open.size(); ++i)
      if (open[i].revents) read_some(owner[i], found);
    return found;
  }

  std::optional<RankEnd> ended(int r) override {
    Rank& rank = ranks_[size_t(r)];
    int status = 0;
    if (!rank.end && ::waitpid(rank.process, &status, WNOHANG) == rank.process)
      rank.end = WIFSIGNALED(status) ? RankEnd{128 + WTERMSIG(status), true}
                                     : RankEnd{WEXITSTATUS(status), false};
    // What it wrote before it ended is read first.
    return rank.output >= 0 ? std::nullopt : rank.end;
  }

  int size() const override { return int(ranks_.size()); }
  int process(int rank) const override { return ranks_[size_t(rank)].process; }
  void ask_to_stop() override { signal_all(SIGTERM); }
  void kill() override { signal_all(SIGKILL); }

 private:
  void signal_all(int number) {
    for (Rank& rank : ranks_)
      if (!rank.end) ::kill(rank.process, number);
  }

  void read_some(int r, std::vector<RankLine>& found) {
    Rank& rank = ranks_[size_t(r)];
    char block[65536];
    ssize_t got = ::read(rank.output, block, sizeof block);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (got <= 0) {
      ::close(rank.output);
      rank.output = -1;
      return;
    }
    rank.partial.append(block, size_t(got));
    size_t start = 0;
    for (size_t end; (end = rank.partial.find('\n', start)) != std::string::npos; start = end + 1)
      found.push_back({r, rank.partial.substr(start, end - start)});
    rank.partial.erase(0, start);
  }

  std::vector<Rank> ranks_;
};

// In the child, between fork and exec: only calls that are safe there.
[[noreturn]] void become(char* const* words, int output, int log, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(143);
  ::setpgid(0, 0);  // the terminal's Ctrl-C goes to the broker, which asks the ranks to stop
  int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, 0);
  ::dup2(output, 1);
  ::dup2(log, 2);
  ::execv(words[0], words);
  ::_exit(127);
}

class LocalLauncher : public Launcher {
 public:
  Result<std::unique_ptr<Running>> start(const std::vector<RankCommand>& commands) override {
    std::vector<Rank> ranks;
    for (const RankCommand& command : commands) {
      auto rank = start_one(command);
      if (!rank) {
        LocalRunning started(std::move(ranks));  // takes those before it down again
        return tl::unexpected(std::move(rank.error()));
      }
      ranks.push_back(std::move(*rank));
    }
    return std::unique_ptr<Running>(std::make_unique<LocalRunning>(std::move(ranks)));
  }

 private:
  Result<Rank> start_one(const RankCommand& command) {
    std::vector<char*> words;
    for (const std::string& word : command.words) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0)
      return fail(Error::Kind::environment,
                  fmt::format("cannot make a pipe: {}", std::strerror(errno)));
    int log = ::open(command.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log < 0) {
      ::close(pipe[0]), ::close(pipe[1]);
      return fail(Error::Kind::environment,
                  fmt::format("cannot open the log: {}", std::strerror(errno)), command.log);
    }
    pid_t parent = ::getpid();
    pid_t child = ::fork();
    if (child == 0) become(words.data(), pipe[1], log, parent);
    ::close(pipe[1]), ::close(log);
    if (child < 0) {
      ::close(pipe[0]);
      return fail(Error::Kind::environment,
                  fmt::format("cannot start a process: {}", std::strerror(errno)));
    }
    Rank rank;
    rank.process = child;
    rank.output = pipe[0];
    return rank;
  }
};

// What a FakeLauncher started: says its lines at once and is over.
class FakeRunning : public Running {
 public:
  FakeRunning(std::vector<RankLine> script, int size, RankEnd end)
      : script_(std::move(script)), size_(size), end_(end) {}
  std::vector<RankLine> lines(Seconds) override { return std::exchange(script_, {}); }
  std::optional<RankEnd> ended(int) override {
    return script_.empty() ? std::optional(end_) : std::nullopt;
  }
  int size() const override { return size_; }
  int process(int) const override { return 0; }
  void ask_to_stop() override {}
  void kill() override {}

 private:
  std::vector<RankLine> script_;
  int size_;
  RankEnd end_;
};

}  // namespace

std::unique_ptr<Launcher> local_launcher() { return std::make_unique<LocalLauncher>(); }

Result<std::unique_ptr<Running>> FakeLauncher::start(const std::vector<RankCommand>& ranks) {
  return std::unique_ptr<Running>(
      std::make_unique<FakeRunning>(script_(ranks), int(ranks.size()), end_));
}

}  // namespace heliu::host
