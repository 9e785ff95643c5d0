#include "spec/name.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace heliu {
namespace {

constexpr std::string_view scheme = "heliu:";
constexpr size_t max_digits = 12;

tl::unexpected<Error> bad_name(std::string_view whole, std::string_view why) {
  return fail({.kind = Error::Kind::bad_input,
               .message = fmt::format("{}: {}", why, whole),
               .hint = "a name is center/island/node/device, e.g. guian/h800/n[001-128]/gpu[0-7]",
               .code = "HL-E0120"});
}

bool is_name_character(char c) {
  bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return word || c == '-' || c == '_' || c == '.' || static_cast<unsigned char>(c) >= 0x80;
}

Result<int64_t> parse_bound(std::string_view digits) {
  int64_t value = 0;
  auto [rest, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  bool plain = !digits.empty() && digits.size() <= max_digits && digits[0] != '-';
  if (!plain || status != std::errc() || rest != digits.data() + digits.size())
    return fail(Error::Kind::bad_input, "");
  return value;
}

Result<NameRange> parse_range(std::string_view text) {
  size_t dash = text.find('-');
  std::string_view low = text.substr(0, dash),
                   high = dash == std::string_view::npos ? low : text.substr(dash + 1);
  auto first = parse_bound(low), last = parse_bound(high);
  if (!first || !last || *first > *last) return fail(Error::Kind::bad_input, "");
  return NameRange{*first, *last, int(low.size())};
}

Result<NamePart> parse_part(std::string_view text, std::string_view whole) {
  NamePart part;
  size_t open = text.find('['), close = text.find(']');
  if ((open == std::string_view::npos) != (close == std::string_view::npos) ||
      (open != std::string_view::npos && close < open))
    return bad_name(whole, "a bracket has no partner");
  part.before = text.substr(0, open);
  if (open != std::string_view::npos) {
    part.after = text.substr(close + 1);
    for (const std::string& item : split(text.substr(open + 1, close - open - 1), ',')) {
      auto range = parse_range(item);
      if (!range) return bad_name(whole, fmt::format("not a range of numbers: {}", item));
      part.ranges.push_back(*range);
    }
  }
  bool good = std::all_of(part.before.begin(), part.before.end(), is_name_character) &&
              std::all_of(part.after.begin(), part.after.end(), is_name_character);
  if (!good || (part.before.empty() && part.ranges.empty() && part.after.empty()))
    return bad_name(whole, "a part of the name is empty or holds a character that names may not");
  return part;
}

std::string numeral(int64_t value, int width) { return fmt::format("{:0{}}", value, width); }

int64_t count(const NamePart& part) {
  if (part.ranges.empty()) return 1;
  int64_t sum = 0;
  for (const NameRange& range : part.ranges) sum += range.last - range.first + 1;
  return sum;
}

bool covers(const NamePart& part, const std::string& word) {
  if (part.ranges.empty()) return part.before == word;
  bool framed = word.size() > part.before.size() + part.after.size() &&
                word.starts_with(part.before) && word.ends_with(part.after);
  if (!framed) return false;
  std::string digits =
      word.substr(part.before.size(), word.size() - part.before.size() - part.after.size());
  auto value = parse_bound(digits);
  return value && std::any_of(part.ranges.begin(), part.ranges.end(), [&](const NameRange& range) {
           return *value >= range.first && *value <= range.last &&
                  numeral(*value, range.width) == digits;
         });
}

void append_all(const NamePart& part, const std::string& prefix, std::vector<std::string>& names) {
  if (part.ranges.empty()) return names.push_back(prefix + part.before);
  for (const NameRange& range : part.ranges)
    for (int64_t i = range.first; i <= range.last; ++i)
      names.push_back(prefix + part.before + numeral(i, range.width) + part.after);
}

}  // namespace

Result<ResourceName> parse_name(std::string_view text) {
  std::string_view path = text.starts_with(scheme) ? text.substr(scheme.size()) : text;
  ResourceName resource;
  for (const std::string& word : split(path, '/')) {
    auto part = parse_part(word, text);
    if (!part) return tl::unexpected(std::move(part.error()));
    resource.parts.push_back(std::move(*part));
  }
  if (resource.parts.size() > 4) return bad_name(text, "a name has at most four parts");
  return resource;
}

std::string print(const ResourceName& resource) {
  std::string text;
  for (const NamePart& part : resource.parts) {
    if (&part != &resource.parts.front()) text += '/';
    text += part.before;
    for (const NameRange& range : part.ranges) {
      text += &range == &part.ranges.front() ? '[' : ',';
      text += numeral(range.first, range.width);
      if (range.last != range.first) text += '-' + numeral(range.last, range.width);
    }
    text += (part.ranges.empty() ? "" : "]") + part.after;
  }
  return text;
}

int64_t count(const ResourceName& resource) {
  // Saturates: the product of four honest ranges may exceed 64 bits.
  double product = 1;
  for (const NamePart& part : resource.parts) product *= double(count(part));
  return product > 9e18 ? INT64_MAX : int64_t(product);
}

Result<std::vector<std::string>> expand(const ResourceName& resource, int64_t limit) {
  if (count(resource) > limit)
    return fail(Error::Kind::bad_input, fmt::format("{} covers {} resources, more than {}",
                                                    print(resource), count(resource), limit));
  std::vector<std::string> names{""};
  for (const NamePart& part : resource.parts) {
    std::vector<std::string> longer;
    for (const std::string& prefix : names)
      append_all(part, prefix.empty() ? "" : prefix + "/", longer);
    names = std::move(longer);
  }
  return names;
}

bool covers(const ResourceName& resource, const ResourceName& one) {
  if (one.parts.size() < resource.parts.size()) return false;
  for (size_t i = 0; i < resource.parts.size(); ++i)
    if (!one.parts[i].ranges.empty() || !covers(resource.parts[i], one.parts[i].before))
      return false;
  return true;
}

}  // namespace heliu
