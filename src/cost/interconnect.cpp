// A description is a list of parts, with ",", ";" or "+" between. Of the parts that tell a rate the
// best counts, for storage and management have networks of their own, and slower ones; where none
// does, the generation of the cards tells it.
#include "cost/interconnect.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "cost/phrase.h"

namespace heliu::cost {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Begins of the number that ends before `at`, blanks left out; `at` where there is none.
size_t number_begin(std::string_view text, size_t& at) {
  while (at > 0 && text[at - 1] == ' ') --at;
  size_t begin = at;
  while (begin > 0 && is_digit(text[begin - 1])) --begin;
  return begin;
}

// Bytes per second that "400 Gb/s" or "50 GB/s" names, the first of them; 0: none.
double rate_of(std::string_view part) {
  for (size_t at = 0; at + 1 < part.size(); ++at) {
    bool unit =
        (part[at] == 'G' || part[at] == 'g') && (part[at + 1] == 'b' || part[at + 1] == 'B');
    size_t end = at, begin = unit ? number_begin(part, end) : at;
    if (!unit || begin == end) continue;
    auto number = double(number_after(part.substr(begin), "", 0));
    return number * 1e9 / (part[at + 1] == 'b' ? 8 : 1);
  }
  return 0;
}

// How many cards: "8x NDR", "4x100Gb"; 0: not said.
double count_of(std::string_view part) {
  for (size_t at = 1; at < part.size(); ++at)
    if (part[at] == 'x' && is_digit(part[at - 1]))
      return double(number_before(part.substr(0, at + 1), "x", 0));
  return 0;
}

// Of one device; 0: the part says nothing of it.
double device_rate(std::string_view part, int devices_per_node) {
  double rate = rate_of(part), count = count_of(part);
  if (count > 0) return count * rate / devices_per_node;
  std::string words = lower(std::string(part));
  if (mentions(words, {"per gpu", "per device"})) return rate;
  return mentions(words, {"per node"}) ? rate / devices_per_node : 0;
}

// Of one device, where cards of this generation are named.
double generation_rate(const std::string& text, int devices_per_node) {
  for (auto [word, bits] :
       {std::pair{"xdr", 800e9}, {"ndr", 400e9}, {"hdr", 200e9}, {"edr", 100e9}})
    if (mentions(text, {word})) {
      int64_t count = number_before(text, std::string("x ") + word, devices_per_node);
      return double(count) * bits / 8 / devices_per_node;
    }
  return 0;
}

}  // namespace

double network_bandwidth(const std::string& text, int devices_per_node) {
  std::string words = lower(text);
  bool infiniband = mentions(words, {"ib ", "infiniband"});
  double best = 0;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = std::min(text.find_first_of(",;+", begin), text.size());
    std::string_view part = std::string_view(text).substr(begin, end - begin);
    std::string_view said = std::string_view(words).substr(begin, end - begin);
    begin = end + 1;
    if (mentions(said, {"nvlink", "nvswitch", "nvl72", "xgmi", "infinity fabric", "pcie"}))
      continue;
    if (infiniband && mentions(said, {"ethernet", "storage"})) continue;
    best = std::max(best, device_rate(part, devices_per_node));
  }
  return best > 0 ? best : generation_rate(words, devices_per_node);
}

std::string network_name(const std::string& text) {
  std::string words = lower(text);
  if (mentions(words, {"omni-path", "opa"})) return "omni-path";
  bool infiniband = mentions(words, {"ib ", "infiniband"});
  return mentions(words, {"roce", "ethernet", "rdma", "spectrum"}) && !infiniband ? "roce"
                                                                                  : "infiniband";
}

}  // namespace heliu::cost
