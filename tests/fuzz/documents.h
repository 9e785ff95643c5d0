// What must hold for a document made of any bytes: it is refused with words, or it prints as a text
// that reads back as the same document.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "base/check.h"
#include "spec/document.h"

namespace heliu::fuzz {

// A refusal has a code and words, and so has every further fault.
inline void expect_words(const Error& error) {
  HELIU_CHECK(error.kind == Error::Kind::bad_input);
  HELIU_CHECK(!error.message.empty() && !error.code.empty());
  HELIU_CHECK(!describe(error).empty());
  for (const Error& other : error.more) expect_words(other);
}

// Numbers may differ in their last places, for a unit is a factor that is multiplied in and out;
// below 1e-290 there are fewer places than usual.
inline bool nearly(double a, double b) {
  return std::abs(a - b) <= std::max(1e-290, 1e-14 * std::max(std::abs(a), std::abs(b)));
}

inline bool same(const Json& a, const Json& b);

// "3.3 us" and the like are compared as numbers, what begins with no number as text.
inline bool same_text(const std::string& a, const std::string& b) {
  char *end_a = nullptr, *end_b = nullptr;
  double number_a = std::strtod(a.c_str(), &end_a), number_b = std::strtod(b.c_str(), &end_b);
  bool numbers = end_a != a.c_str() && end_b != b.c_str();
  return a == b || (numbers && nearly(number_a, number_b) && std::string(end_a) == end_b);
}

inline bool same_items(const Json& a, const Json& b) {
  if (a.size() != b.size()) return false;
  for (auto left = a.begin(), right = b.begin(); left != a.end(); ++left, ++right)
    if ((a.is_object() && left.key() != right.key()) || !same(*left, *right)) return false;
  return true;
}

inline bool same(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) return nearly(a.get<double>(), b.get<double>());
  if (a.type() != b.type()) return false;
  if (a.is_string()) return same_text(a.get<std::string>(), b.get<std::string>());
  return a.is_structured() ? same_items(a, b) : a == b;
}

template <class D>
void person_writes(const std::string& text) {
  auto document = read_yaml<D>({"fuzz.yaml", text});
  if (!document) return expect_words(document.error());

  auto again = read_yaml<D>({"again.yaml", to_yaml(*document)});

  HELIU_CHECK(again.has_value());
  HELIU_CHECK(same(to_json(*document), to_json(*again)));
}

template <class D>
void program_writes(const std::string& text) {
  auto document = read_json<D>({"fuzz.json", text});
  if (!document) return expect_words(document.error());

  auto again = read_json<D>({"again.json", to_line(*document)});

  HELIU_CHECK(again.has_value());
  HELIU_CHECK(same(to_json(*document), to_json(*again)));
}

}  // namespace heliu::fuzz

// The function that libFuzzer calls with the bytes it made up.
#define HELIU_FUZZ(function)                                               \
  extern "C" int LLVMFuzzerTestOneInput(const char* bytes, size_t count) { \
    function(std::string(bytes, count));                                   \
    return 0;                                                              \
  }
