#include "host/files.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>

namespace heliu::host {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> system_error(const std::string& doing, const std::string& path) {
  Error::Kind kind = errno == ENOENT ? Error::Kind::not_found : Error::Kind::environment;
  return fail(kind, fmt::format("{}: {}", doing, std::strerror(errno)), path);
}

// A file descriptor with an owner.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  explicit operator bool() const { return fd_ >= 0; }
  int get() const { return fd_; }

 private:
  int fd_;
};

Result<void> write_all(int fd, const std::string& text, const std::string& path) {
  for (size_t done = 0; done < text.size();) {
    ssize_t wrote = ::write(fd, text.data() + done, text.size() - done);
    if (wrote < 0 && errno != EINTR) return system_error("cannot write", path);
    if (wrote > 0) done += size_t(wrote);
  }
  return {};
}

class SystemFiles : public Files {
 public:
  Result<std::string> read(const std::string& path) override {
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return system_error("cannot open", path);
    std::string text;
    char block[65536];
    for (;;) {
      ssize_t got = ::read(file.get(), block, sizeof block);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return system_error("cannot read", path);
      if (got == 0) return text;
      text.append(block, size_t(got));
    }
  }

  Result<void> write(const std::string& path, const std::string& text) override {
    fs::path folder = fs::path(path).parent_path();
    if (auto made = make_folder(folder.empty() ? "." : folder.string()); !made) return made;
    std::string beside = fmt::format("{}.{}.new", path, ::getpid());
    {
      Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
      if (!file) return system_error("cannot create", beside);
      if (auto wrote = write_all(file.get(), text, beside); !wrote) return wrote;
      if (::fsync(file.get()) != 0) return system_error("cannot sync", beside);
    }
    if (::rename(beside.c_str(), path.c_str()) != 0) return system_error("cannot rename", path);
    Descriptor directory(
        ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory) ::fsync(directory.get());
    return {};
  }

  bool exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

  Result<void> make_folder(const std::string& path) override {
    std::error_code code;
    fs::create_directories(path, code);
    if (code)
      return fail(Error::Kind::environment, "cannot make the folder: " + code.message(), path);
    return {};
  }

  std::vector<std::string> list(const std::string& folder) override {
    std::vector<std::string> names;
    std::error_code code;
    for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code))
      names.push_back(it->path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
};

const char* variable(const char* name) {
  const char* value = std::getenv(name);
  return value && *value ? value : nullptr;
}

}  // namespace

std::unique_ptr<Files> system_files() { return std::make_unique<SystemFiles>(); }

Result<std::string> FakeFiles::read(const std::string& path) {
  auto file = files_.find(path);
  if (file == files_.end())
    return fail(Error::Kind::not_found, "cannot open: No such file or directory", path);
  return file->second;
}

Result<void> FakeFiles::write(const std::string& path, const std::string& text) {
  files_[path] = text;
  return {};
}

bool FakeFiles::exists(const std::string& path) { return files_.count(path) > 0; }

Result<void> FakeFiles::make_folder(const std::string&) { return {}; }

std::vector<std::string> FakeFiles::list(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& [path, text] : files_)
    if (path.starts_with(folder + "/"))
      names.insert(
          path.substr(folder.size() + 1, path.find('/', folder.size() + 1) - folder.size() - 1));
  return {names.begin(), names.end()};
}

std::string state_folder() {
  if (const char* home = variable("HELIU_HOME")) return home;
  if (const char* state = variable("XDG_STATE_HOME")) return std::string(state) + "/heliu";
  if (const char* home = variable("HOME")) return std::string(home) + "/.local/state/heliu";
  return "/var/tmp/heliu";
}

}  // namespace heliu::host
