// What can go wrong that a caller would answer with an `if`: a value, not an exception.
//
// An Error says what is wrong, where, what to do about it, and carries a stable code. A document
// may hold many faults at once, so an Error can carry the others found with it.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace heliu {

struct Error {
  // Each kind has one exit code of the command line (ARCHITECTURE.md, "Exit codes").
  enum class Kind {
    failed,
    usage,
    bad_input,
    infeasible,
    not_found,
    unreachable,
    job_failed,
    environment
  };

  Kind kind = Kind::failed;
  std::string message;           // names the thing first, its value last
  std::string where = {};        // "pool.yaml:12:7", a path, or empty
  std::string hint = {};         // what to do next
  std::string code = {};         // "HL-E0103"; empty where a kind says enough
  std::string excerpt = {};      // the source line and a caret below it
  std::vector<Error> more = {};  // further faults found in the same reading

  // The same error, seen from one call further out: "reading the link: ...".
  Error during(const std::string& activity) &&;
  Error hinting(std::string advice) &&;
};

template <class T>
using Result = tl::expected<T, Error>;

tl::unexpected<Error> fail(Error::Kind kind, std::string message, std::string where = {});
tl::unexpected<Error> fail(Error error);

// The error as a person reads it, over several lines, with those found beside it; no final newline.
std::string describe(const Error& error);

// The first of several, with the others in its `more`.
Error gathered(std::vector<Error> faults);

int exit_code(Error::Kind kind);

}  // namespace heliu
