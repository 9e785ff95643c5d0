// Numbers that mean something: a value with its dimension, checked at compile time.
//
// Bytes over Bandwidth is Seconds; adding the two does not compile. Held in SI base units (second,
// byte, operation, joule, yuan, kilogram); `base()` and `in(unit)` are for printing and for
// formulas that leave the dimensions, e.g. a fit.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/error.h"

namespace heliu {

// Exponents of: second, byte, operation, joule, yuan (CNY), kilogram of CO2 equivalent.
template <int S, int B, int F, int J, int Y, int K>
class Quantity {
 public:
  constexpr Quantity() = default;
  static constexpr Quantity of(double base_units) { return Quantity(base_units); }

  constexpr double base() const { return value_; }
  constexpr double in(Quantity unit) const { return value_ / unit.value_; }

  constexpr auto operator<=>(const Quantity&) const = default;
  constexpr Quantity operator-() const { return Quantity(-value_); }
  constexpr Quantity& operator+=(Quantity other) {
    value_ += other.value_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity other) {
    value_ -= other.value_;
    return *this;
  }
  constexpr Quantity& operator*=(double factor) {
    value_ *= factor;
    return *this;
  }
  constexpr Quantity& operator/=(double factor) {
    value_ /= factor;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) {
    return Quantity(a.value_ + b.value_);
  }
  friend constexpr Quantity operator-(Quantity a, Quantity b) {
    return Quantity(a.value_ - b.value_);
  }
  friend constexpr Quantity operator*(double factor, Quantity a) {
    return Quantity(factor * a.value_);
  }
  friend constexpr Quantity operator*(Quantity a, double factor) {
    return Quantity(a.value_ * factor);
  }
  friend constexpr Quantity operator/(Quantity a, double factor) {
    return Quantity(a.value_ / factor);
  }

 private:
  explicit constexpr Quantity(double base_units) : value_(base_units) {}
  double value_ = 0;
};

template <int S, int B, int F, int J, int Y, int K, int S2, int B2, int F2, int J2, int Y2, int K2>
constexpr auto operator*(Quantity<S, B, F, J, Y, K> a, Quantity<S2, B2, F2, J2, Y2, K2> b) {
  using Product = Quantity<S + S2, B + B2, F + F2, J + J2, Y + Y2, K + K2>;
  if constexpr (std::is_same_v<Product, Quantity<0, 0, 0, 0, 0, 0>>)
    return a.base() * b.base();
  else
    return Product::of(a.base() * b.base());
}

template <int S, int B, int F, int J, int Y, int K, int S2, int B2, int F2, int J2, int Y2, int K2>
constexpr auto operator/(Quantity<S, B, F, J, Y, K> a, Quantity<S2, B2, F2, J2, Y2, K2> b) {
  using Ratio = Quantity<S - S2, B - B2, F - F2, J - J2, Y - Y2, K - K2>;
  if constexpr (std::is_same_v<Ratio, Quantity<0, 0, 0, 0, 0, 0>>)
    return a.base() / b.base();
  else
    return Ratio::of(a.base() / b.base());
}

using Seconds = Quantity<1, 0, 0, 0, 0, 0>;
using Bytes = Quantity<0, 1, 0, 0, 0, 0>;
using Operations = Quantity<0, 0, 1, 0, 0, 0>;  // floating-point operations, a count
using Joules = Quantity<0, 0, 0, 1, 0, 0>;
using Yuan = Quantity<0, 0, 0, 0, 1, 0>;
using Kilograms = Quantity<0, 0, 0, 0, 0, 1>;       // of CO2 equivalent
using Bandwidth = Quantity<-1, 1, 0, 0, 0, 0>;      // bytes per second
using OperationRate = Quantity<-1, 0, 1, 0, 0, 0>;  // operations per second, "FLOPS"
using Watts = Quantity<-1, 0, 0, 1, 0, 0>;
using HourlyPrice = Quantity<-1, 0, 0, 0, 1, 0>;      // yuan per (device) time
using EnergyPrice = Quantity<0, 0, 0, -1, 1, 0>;      // yuan per energy
using TrafficPrice = Quantity<0, -1, 0, 0, 1, 0>;     // yuan per byte
using CarbonIntensity = Quantity<0, 0, 0, -1, 0, 1>;  // kilogram per energy

inline namespace literals {
constexpr Seconds operator""_s(long double v) { return Seconds::of(double(v)); }
constexpr Seconds operator""_ms(long double v) { return Seconds::of(double(v) * 1e-3); }
constexpr Seconds operator""_us(long double v) { return Seconds::of(double(v) * 1e-6); }
constexpr Seconds operator""_h(long double v) { return Seconds::of(double(v) * 3600); }
constexpr Bytes operator""_B(long double v) { return Bytes::of(double(v)); }
constexpr Bytes operator""_MB(long double v) { return Bytes::of(double(v) * 1e6); }
constexpr Bytes operator""_GB(long double v) { return Bytes::of(double(v) * 1e9); }
constexpr Bytes operator""_MiB(long double v) { return Bytes::of(double(v) * 1048576); }
constexpr Bytes operator""_GiB(long double v) { return Bytes::of(double(v) * 1073741824); }
constexpr Bandwidth operator""_GBps(long double v) { return Bandwidth::of(double(v) * 1e9); }
constexpr OperationRate operator""_GFLOPS(long double v) {
  return OperationRate::of(double(v) * 1e9);
}
constexpr OperationRate operator""_TFLOPS(long double v) {
  return OperationRate::of(double(v) * 1e12);
}
}  // namespace literals

// Reads "400 Gb/s" (bits), "50 GB/s" (bytes), "3 us", "36 h", "0.38 CNY/kWh", "14 CNY/device-hour",
// "312 TFLOPS". The unit is required and must fit the dimension; errors list the units that do.
template <class Q>
Result<Q> parse_quantity(std::string_view text);

// Writes with the unit that keeps 1 to 999 before the point where there is one: "3 us", "50 GB/s".
template <class Q>
std::string print(Q quantity);

// The same without rounding: reads back as the same value (within one unit in the last place).
template <class Q>
std::string print_exact(Q quantity);

// "s, ms, us, ns, min, h, d": the spellings a reader of this dimension may use, for hints and docs.
template <class Q>
std::string unit_names();

}  // namespace heliu
