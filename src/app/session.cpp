#include "app/session.h"

#include <unistd.h>

#include <cstdio>

#include "base/text.h"
#include "host/process.h"

namespace heliu::app {

Session::Session(Request request)
    : request_(std::move(request)),
      language_(language_from(request_.language)),
      files_(host::system_files()),
      clock_(host::system_clock()),
      launcher_(host::local_launcher()),
      terminal_(::isatty(2) == 1) {}

Result<broker::World> Session::world() {
  std::string folder = host::state_folder();
  if (!ledger_) {
    if (auto made = files_->make_folder(folder); !made) return tl::unexpected(std::move(made.error()));
    auto opened = ledger::Ledger::open(folder + "/ledger.db");
    if (!opened) return tl::unexpected(std::move(opened.error()));
    ledger_ = std::move(*opened);
  }
  return broker::World{*ledger_, *launcher_, *files_, *clock_, host::own_program(), folder};
}

void Session::print(const std::string& text) const {
  std::FILE* out = request_.json ? stderr : stdout;
  std::fwrite(text.data(), 1, text.size(), out);
  if (!text.empty() && text.back() != '\n') std::fputc('\n', out);
  std::fflush(out);
}

void Session::print(const Json& object) const {
  if (!request_.json) return;
  std::string line = object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);
}

void Session::hint(const std::string& text) const {
  std::fwrite(text.data(), 1, text.size(), stderr);
  if (!text.empty() && text.back() != '\n') std::fputc('\n', stderr);
}

void Session::progress(const std::string& text, bool worth_a_line) {
  if (terminal_) {
    int width = display_width(text);
    std::string blank(size_t(std::max(0, progress_width_ - width)), ' ');
    std::fprintf(stderr, "\r  %s%s", text.c_str(), blank.c_str());
    progress_width_ = width;
  } else if (worth_a_line) {
    hint("  " + text);
  }
}

void Session::end_progress() {
  if (terminal_ && progress_width_ > 0) std::fputc('\n', stderr);
  progress_width_ = 0;
}

}  // namespace heliu::app
