#include "cost/matmul.h"

#include <algorithm>
#include <cmath>

namespace heliu::cost {
namespace {

double operand_bytes(Precision precision) {
  switch (precision) {
    case Precision::fp32:
    case Precision::tf32:
      return 4;
    case Precision::fp8:
    case Precision::mxfp8:
      return 1;
    case Precision::nvfp4:
      return 0.5;
    default:
      return 2;
  }
}

// Tensor units take 16 bytes of a row at once: rows of other lengths are moved in pieces (NVIDIA,
// "Matrix Multiplication Background User's Guide", section 5).
double misalignment(double n, double k, double bytes) {
  double row = 16 / bytes;
  bool aligned = std::fmod(n, row) == 0 && std::fmod(k, row) == 0;
  return aligned ? 1 : 2;
}

// Rows by which a group's last tile is empty, on average.
constexpr double half_tile = 32;

}  // namespace

double matmul_time(const Machine& machine, const Product& p, Precision precision) {
  double bytes = operand_bytes(precision);
  double rows = p.count > 1 ? p.m + half_tile : p.m;
  double area = p.count * rows * p.n;
  double compute = 2 * (p.k + machine.depth) *
                   std::sqrt(area * area + machine.area * machine.area) *
                   misalignment(p.n, p.k, bytes) / machine.matmul[size_t(precision)];
  double traffic = p.count * (bytes * (p.m * p.k + p.k * p.n) + 2 * p.m * p.n) / machine.bandwidth;
  return std::max(compute, traffic);
}

}  // namespace heliu::cost
