#include "device/workbench.h"

#include <cmath>

#include "base/random.h"
#include "device/bf16.h"
#include "device/cpu/cpu.h"
#include "device/cpu/isa.h"

namespace heliu::device {
namespace {

constexpr float untouched = 777;

float round_to(Type type, float value) {
  return type == Type::f32 ? value : from_bf16(to_bf16(value));
}

void store(void* data, Type type, size_t place, float value) {
  if (type == Type::f32) {
    static_cast<float*>(data)[place] = value;
  } else {
    static_cast<uint16_t*>(data)[place] = to_bf16(value);
  }
}

float load(const void* data, Type type, size_t place) {
  return type == Type::f32 ? static_cast<const float*>(data)[place]
                           : from_bf16(static_cast<const uint16_t*>(data)[place]);
}

}  // namespace

void* Workbench::upload(const void* data, size_t bytes) {
  Memory& memory = memories_.emplace_back(device_, bytes);
  device_.upload(memory.data(), data, bytes);
  return memory.data();
}

Matrix Workbench::holding(int64_t rows, int64_t columns, const Values& values, Type type) {
  int64_t stride = columns + gap_;
  std::vector<char> host(size_t(rows * stride * size_of(type)));
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t j = 0; j < stride; ++j) {
      float value = j < columns ? values[size_t(r * columns + j)] : untouched;
      store(host.data(), type, size_t(r * stride + j), value);
    }
  }
  return {upload(host.data(), host.size()), type, rows, columns, stride};
}

Matrix Workbench::random(int64_t rows, int64_t columns, Type type) {
  Values values(size_t(rows * columns));
  for (size_t i = 0; i < values.size(); ++i) values[i] = float(random_normal(seed_, i));
  ++seed_;
  return holding(rows, columns, values, type);
}

Matrix Workbench::filled(int64_t rows, int64_t columns, float value, Type type) {
  return holding(rows, columns, Values(size_t(rows * columns), value), type);
}

float* Workbench::random_vector(int64_t count) { return random(1, count).as<float>(); }
float* Workbench::zero_vector(int64_t count) { return filled(1, count, 0).as<float>(); }

int32_t* Workbench::ids(const std::vector<int32_t>& ids) {
  return static_cast<int32_t*>(upload(ids.data(), ids.size() * sizeof(int32_t)));
}

int32_t* Workbench::random_ids(int64_t count, int64_t choices) {
  std::vector<int32_t> chosen;
  for (int64_t i = 0; i < count; ++i) {
    chosen.push_back(int32_t(random_uniform(seed_, uint64_t(i)) * double(choices)));
  }
  ++seed_;
  return ids(chosen);
}

Values Workbench::values(const Matrix& m) {
  std::vector<char> host(size_t(m.rows * m.stride * size_of(m.type)));
  device_.download(host.data(), m.data, host.size());
  Values values;
  for (int64_t r = 0; r < m.rows; ++r) {
    for (int64_t j = 0; j < m.stride; ++j) {
      float value = load(host.data(), m.type, size_t(r * m.stride + j));
      if (j < m.columns) {
        values.push_back(value);
      } else {
        EXPECT_EQ(value, round_to(m.type, untouched)) << "wrote behind row " << r;
      }
    }
  }
  return values;
}

Values Workbench::values(const float* data, int64_t count) {
  Values values(static_cast<size_t>(count));
  device_.download(values.data(), data, values.size() * sizeof(float));
  return values;
}

void Workbench::set(const Matrix& m, int64_t row, int64_t column, float value) {
  device_.upload(m.as<float>() + row * m.stride + column, &value, sizeof value);
}

void PrintTo(const Subject& subject, std::ostream* out) { *out << subject.name; }

std::vector<Subject> subjects() {
  std::vector<Subject> all;
  for (const std::string& name : backends()) {
    all.push_back({name, [name](int threads) { return open(name, {.threads = threads}); }});
  }
  for (const cpu::Kernels* kernels : cpu::host_kernels()) {
    all.push_back({std::string("cpu_") + kernels->isa,
                   [kernels](int threads) { return cpu::open(threads, *kernels); }});
  }
  return all;
}

std::vector<Subject> subjects_to_compare() {
  std::vector<Subject> all = subjects();
  all.erase(all.begin());
  return all;
}

std::string name_of(const testing::TestParamInfo<Subject>& info) { return info.param.name; }

void expect_near(const Values& actual, const Values& expected, double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  double worst = 0;
  size_t where = 0;
  for (size_t i = 0; i < actual.size(); ++i) {
    double error = std::abs(double(actual[i]) - expected[i]) / (1 + std::abs(expected[i]));
    // Written so that a NaN counts as worst.
    if (!(error <= worst)) worst = error, where = i;
  }
  EXPECT_LE(worst, tolerance) << "at " << where << " of " << actual.size() << ": " << actual[where]
                              << " instead of " << expected[where];
}

void expect_agreement(Device& subject, double tolerance,
                      const std::function<std::vector<Values>(Workbench&)>& work) {
  auto reference = open("reference");
  Workbench truth_bench(*reference), subject_bench(subject);
  std::vector<Values> truth = work(truth_bench), found = work(subject_bench);
  ASSERT_EQ(found.size(), truth.size());
  for (size_t i = 0; i < truth.size(); ++i) {
    SCOPED_TRACE("result " + std::to_string(i));
    expect_near(found[i], truth[i], tolerance);
  }
}

void expect_slope(Workbench& bench, const Matrix& input, const Values& gradient,
                  const std::function<double()>& loss, double tolerance) {
  const float step = 0.01f;
  Values at = bench.values(input);
  size_t stride = at.size() / 60 + 1;
  for (size_t i = 0; i < at.size(); i += stride) {
    int64_t row = int64_t(i) / input.columns, column = int64_t(i) % input.columns;
    float above = at[i] + step, below = at[i] - step;
    bench.set(input, row, column, above);
    double loss_above = loss();
    bench.set(input, row, column, below);
    double loss_below = loss();
    bench.set(input, row, column, at[i]);
    double slope = (loss_above - loss_below) / (double(above) - below);
    EXPECT_NEAR(gradient[i], slope, tolerance * (1 + std::abs(slope))) << "element " << i;
  }
}

double inner_product(const Values& a, const Values& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += double(a[i]) * b[i];
  return sum;
}

double tolerance_of(Type type) { return type == Type::f32 ? 5e-6 : 8e-3; }

}  // namespace heliu::device
