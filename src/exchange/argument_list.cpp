#include "exchange/argument_list.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace heliu::exchange {
namespace {

template <class N>
std::optional<N> parsed(const std::string& text) {
  N value{};
  auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || rest != text.data() + text.size() || !std::isfinite(double(value)))
    return {};
  return value;
}

std::string hint_for(const std::string& value) {
  return value.find('$') == std::string::npos
             ? ""
             : "the script does not set this variable; write the value out";
}

}  // namespace

ArgumentList::ArgumentList(const SourceText& script, const std::vector<Word>& words)
    : script_(script) {
  for (const Word& word : words) {
    if (!word.text.starts_with("--")) {
      if (!arguments_.empty()) arguments_.back().values.push_back(word.text);
      continue;
    }
    size_t equals = word.text.find('=');
    arguments_.push_back({word.text.substr(2, equals - 2), {}, word.mark});
    if (equals == std::string::npos) arguments_.back().name = word.text.substr(2);
    if (equals != std::string::npos)
      arguments_.back().values.push_back(word.text.substr(equals + 1));
  }
}

const ArgumentList::Argument* ArgumentList::find(const std::string& name) const {
  for (auto argument = arguments_.rbegin(); argument != arguments_.rend(); ++argument)
    if (argument->name == name) return &*argument;
  return nullptr;
}

void ArgumentList::fault(const char* code, std::string message, const std::string& name,
                         std::string hint) {
  const Argument* argument = find(name);
  Mark mark = argument ? argument->mark : Mark{};
  faults_.push_back({.kind = Error::Kind::bad_input,
                     .message = std::move(message),
                     .where = script_.at(mark),
                     .hint = std::move(hint),
                     .code = code,
                     .excerpt = script_.excerpt(mark)});
}

std::optional<std::string> ArgumentList::text(const std::string& name) {
  read_.insert(name);
  const Argument* argument = find(name);
  if (!argument) return {};
  if (!argument->values.empty()) return argument->values.front();
  fault("HL-E0104", fmt::format("--{} needs a value", name), name);
  return {};
}

std::optional<int64_t> ArgumentList::whole(const std::string& name) {
  std::optional<std::string> value = text(name);
  if (!value) return {};
  std::optional<int64_t> number = parsed<int64_t>(*value);
  if (!number)
    fault("HL-E0104", fmt::format("--{} must be a whole number: {}", name, *value), name,
          hint_for(*value));
  return number;
}

std::optional<double> ArgumentList::real(const std::string& name) {
  std::optional<std::string> value = text(name);
  if (!value) return {};
  std::optional<double> number = parsed<double>(*value);
  if (!number)
    fault("HL-E0104", fmt::format("--{} must be a number: {}", name, *value), name,
          hint_for(*value));
  return number;
}

bool ArgumentList::flag(const std::string& name) {
  read_.insert(name);
  return has(name);
}

int64_t ArgumentList::number(const std::string& name, const FieldInfo& field,
                             std::optional<int64_t> standard, int64_t least) {
  size_t before = faults_.size();
  std::optional<int64_t> value = whole(name);
  if (!value) {
    if (!standard && faults_.size() == before)
      fault("HL-E0106", fmt::format("the arguments need --{}", name), name,
            std::string(field.meaning.en));
    return standard.value_or(0);
  }
  if (*value < least)
    fault("HL-E0105", fmt::format("--{} must be at least {}: {}", name, least, *value), name);
  else if (field.maximum && double(*value) > *field.maximum)
    fault("HL-E0105", fmt::format("--{} must be at most {}: {}", name, *field.maximum, *value),
          name);
  else
    return *value;
  return 0;
}

std::string ArgumentList::choice(const std::string& name, const std::vector<std::string>& words,
                                 const std::string& standard) {
  std::optional<std::string> value = text(name);
  if (!value) return standard;
  if (std::find(words.begin(), words.end(), *value) != words.end()) return *value;
  fault("HL-E0108", fmt::format("--{} must be one of {}: {}", name, fmt::join(words, ", "), *value),
        name, hint_for(*value));
  return standard;
}

std::vector<std::string> ArgumentList::ignored() const {
  std::vector<std::string> names;
  for (const Argument& argument : arguments_)
    if (!read_.contains(argument.name) &&
        std::find(names.begin(), names.end(), argument.name) == names.end())
      names.push_back(argument.name);
  return names;
}

}  // namespace heliu::exchange
