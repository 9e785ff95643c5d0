// Names of resources: a path from the network down, `center/island/node[/device]`, covering ranges.
//
//   guian/h800/n[001-128]/gpu[0-7]      heliu:guian/h800/n007      host/cpu
//
// A range keeps the width of its first bound: n[001-128] is n001 ... n128. Lists mix both:
// n[1-3,7].
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace heliu {

struct NameRange {
  int64_t first = 0, last = 0;
  int width = 1;  // digits, zero-filled
  bool operator==(const NameRange&) const = default;
};

// One step of the path: text, then optionally ranges, then text again ("n[1-4]-ib").
struct NamePart {
  std::string before;
  std::vector<NameRange> ranges;
  std::string after;
  bool operator==(const NamePart&) const = default;
};

struct ResourceName {
  std::vector<NamePart> parts;  // 1 to 4: center, island, node, device
  bool operator==(const ResourceName&) const = default;
};

Result<ResourceName> parse_name(std::string_view text);
std::string print(const ResourceName& name);

// How many single resources the name covers.
int64_t count(const ResourceName& name);

// The single names covered, in order; fails beyond `limit`.
Result<std::vector<std::string>> expand(const ResourceName& name, int64_t limit = 1'000'000);

// Whether `one`, a name without ranges, is covered by `name` or lies below it.
bool covers(const ResourceName& name, const ResourceName& one);

}  // namespace heliu
