#include "base/units.h"

#include <fmt/core.h>

#include <charconv>
#include <cmath>
#include <span>

#include "base/text.h"

namespace heliu {
namespace {

struct Unit {
  std::string_view name;
  double factor;      // base units in one of this unit
  bool print = true;  // whether print() may choose it
};

// Smallest first. Bits appear only where a reader may type them.
constexpr Unit seconds[] = {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1},
                            {"min", 60},  {"h", 3600},  {"d", 86400}};
constexpr Unit bytes[] = {{"B", 1},
                          {"kB", 1e3},
                          {"MB", 1e6},
                          {"GB", 1e9},
                          {"TB", 1e12},
                          {"PB", 1e15},
                          {"KiB", 1024, false},
                          {"MiB", 1048576, false},
                          {"GiB", 1073741824, false},
                          {"TiB", 1099511627776, false}};
constexpr Unit operations[] = {{"FLOP", 1},     {"MFLOP", 1e6},  {"GFLOP", 1e9},
                               {"TFLOP", 1e12}, {"PFLOP", 1e15}, {"EFLOP", 1e18}};
constexpr Unit joules[] = {{"J", 1},       {"kJ", 1e3},   {"MJ", 1e6}, {"Wh", 3600, false},
                           {"kWh", 3.6e6}, {"MWh", 3.6e9}};
constexpr Unit yuan[] = {{"CNY", 1}};
constexpr Unit kilograms[] = {{"g", 1e-3}, {"kg", 1}, {"t", 1e3}};
constexpr Unit bandwidths[] = {{"B/s", 1},
                               {"kB/s", 1e3},
                               {"MB/s", 1e6},
                               {"GB/s", 1e9},
                               {"TB/s", 1e12},
                               {"Mb/s", 1.25e5, false},
                               {"Gb/s", 1.25e8, false},
                               {"Tb/s", 1.25e11, false},
                               {"GiB/s", 1073741824, false}};
constexpr Unit rates[] = {{"FLOPS", 1},     {"MFLOPS", 1e6},  {"GFLOPS", 1e9},
                          {"TFLOPS", 1e12}, {"PFLOPS", 1e15}, {"EFLOPS", 1e18}};
constexpr Unit watts[] = {{"W", 1}, {"kW", 1e3}, {"MW", 1e6}};
constexpr Unit hourly[] = {{"CNY/device-hour", 1.0 / 3600},
                           {"CNY/core-hour", 1.0 / 3600, false},
                           {"CNY/h", 1.0 / 3600, false}};
constexpr Unit energy_prices[] = {{"CNY/kWh", 1 / 3.6e6}};
constexpr Unit traffic_prices[] = {{"CNY/GB", 1e-9}, {"CNY/TB", 1e-12, false}};
constexpr Unit carbon[] = {{"kg/kWh", 1 / 3.6e6}, {"g/kWh", 1e-3 / 3.6e6, false}};

template <class Q>
std::span<const Unit> units();
template <>
std::span<const Unit> units<Seconds>() {
  return seconds;
}
template <>
std::span<const Unit> units<Bytes>() {
  return bytes;
}
template <>
std::span<const Unit> units<Operations>() {
  return operations;
}
template <>
std::span<const Unit> units<Joules>() {
  return joules;
}
template <>
std::span<const Unit> units<Yuan>() {
  return yuan;
}
template <>
std::span<const Unit> units<Kilograms>() {
  return kilograms;
}
template <>
std::span<const Unit> units<Bandwidth>() {
  return bandwidths;
}
template <>
std::span<const Unit> units<OperationRate>() {
  return rates;
}
template <>
std::span<const Unit> units<Watts>() {
  return watts;
}
template <>
std::span<const Unit> units<HourlyPrice>() {
  return hourly;
}
template <>
std::span<const Unit> units<EnergyPrice>() {
  return energy_prices;
}
template <>
std::span<const Unit> units<TrafficPrice>() {
  return traffic_prices;
}
template <>
std::span<const Unit> units<CarbonIntensity>() {
  return carbon;
}

std::string names(std::span<const Unit> all) {
  std::string list;
  for (const Unit& unit : all) list += (list.empty() ? "" : ", ") + std::string(unit.name);
  return list;
}

Result<double> parse(std::string_view text, std::span<const Unit> all) {
  std::string_view trimmed = trim(text);
  double number = 0;
  auto [rest, status] = std::from_chars(trimmed.data(), trimmed.data() + trimmed.size(), number);
  if (status != std::errc() || !std::isfinite(number))
    return fail({.kind = Error::Kind::bad_input,
                 .message = fmt::format("not a number with a unit: {}", text),
                 .hint = fmt::format("write a number and one of {}", names(all))});
  std::string_view unit_text = trim({rest, size_t(trimmed.data() + trimmed.size() - rest)});
  for (const Unit& unit : all)
    if (unit.name == unit_text) {
      if (std::isfinite(number * unit.factor)) return number * unit.factor;
      return fail(Error::Kind::bad_input, fmt::format("too large a quantity: {}", text));
    }
  return fail({.kind = Error::Kind::bad_input,
               .message = unit_text.empty()
                              ? fmt::format("a unit is needed: {}", text)
                              : fmt::format("unknown unit {} in: {}", unit_text, text),
               .hint = fmt::format("write a number and one of {}", names(all))});
}

// The largest unit of which there is at least one.
const Unit& readable_unit(double base, std::span<const Unit> all) {
  const Unit* best = nullptr;
  for (const Unit& unit : all)
    if (unit.print &&
        (!best || (base == 0 ? unit.factor == 1 : std::abs(base) >= unit.factor * 0.9995)))
      best = &unit;
  return *best;
}

}  // namespace

template <class Q>
Result<Q> parse_quantity(std::string_view text) {
  return parse(text, units<Q>()).map(Q::of);
}
template <class Q>
std::string print(Q quantity) {
  const Unit& unit = readable_unit(quantity.base(), units<Q>());
  return fmt::format("{:.4g} {}", quantity.base() / unit.factor, unit.name);
}
template <class Q>
std::string print_exact(Q quantity) {
  const Unit& unit = readable_unit(quantity.base(), units<Q>());
  return fmt::format("{} {}", quantity.base() / unit.factor, unit.name);
}
template <class Q>
std::string unit_names() {
  return names(units<Q>());
}

#define HELIU_UNITS_OF(Q)                                 \
  template Result<Q> parse_quantity<Q>(std::string_view); \
  template std::string print<Q>(Q);                       \
  template std::string print_exact<Q>(Q);                 \
  template std::string unit_names<Q>();
HELIU_UNITS_OF(Seconds)
HELIU_UNITS_OF(Bytes)
HELIU_UNITS_OF(Operations)
HELIU_UNITS_OF(Joules)
HELIU_UNITS_OF(Yuan)
HELIU_UNITS_OF(Kilograms)
HELIU_UNITS_OF(Bandwidth)
HELIU_UNITS_OF(OperationRate)
HELIU_UNITS_OF(Watts)
HELIU_UNITS_OF(HourlyPrice)
HELIU_UNITS_OF(EnergyPrice)
HELIU_UNITS_OF(TrafficPrice)
HELIU_UNITS_OF(CarbonIntensity)
#undef HELIU_UNITS_OF

}  // namespace heliu
