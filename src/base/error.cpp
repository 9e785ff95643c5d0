#include "base/error.h"

#include <iterator>

namespace heliu {

Error Error::during(const std::string& activity) && {
  message = activity + ": " + message;
  return std::move(*this);
}

Error Error::hinting(std::string advice) && {
  hint = std::move(advice);
  return std::move(*this);
}

tl::unexpected<Error> fail(Error::Kind kind, std::string message, std::string where) {
  Error error;
  error.kind = kind;
  error.message = std::move(message);
  error.where = std::move(where);
  return tl::unexpected<Error>(std::move(error));
}

tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

std::string describe(const Error& error) {
  std::string text = error.where.empty() ? "" : error.where + ": ";
  text += "error: " + error.message;
  if (!error.code.empty()) text += " [" + error.code + "]";
  if (!error.excerpt.empty()) text += "\n" + error.excerpt;
  if (!error.hint.empty()) text += "\n  hint: " + error.hint;
  for (const Error& other : error.more) text += "\n" + describe(other);
  return text;
}

Error gathered(std::vector<Error> faults) {
  Error first = std::move(faults.front());
  first.more.assign(std::make_move_iterator(faults.begin() + 1),
                    std::make_move_iterator(faults.end()));
  return first;
}

int exit_code(Error::Kind kind) {
  switch (kind) {
    case Error::Kind::failed:
      return 1;
    case Error::Kind::usage:
      return 2;
    case Error::Kind::bad_input:
      return 3;
    case Error::Kind::infeasible:
      return 4;
    case Error::Kind::not_found:
      return 5;
    case Error::Kind::unreachable:
      return 6;
    case Error::Kind::job_failed:
      return 7;
    case Error::Kind::environment:
      return 69;
  }
  return 1;
}

}  // namespace heliu
