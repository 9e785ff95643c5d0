// Element access and the functions of one float, written so that the compiler vectorises the loops
// they are inlined into: no branches, no calls, no tables.
using bf16 = uint16_t;

inline float widen(float value) { return value; }
inline float widen(bf16 bits) { return __builtin_bit_cast(float, uint32_t(bits) << 16); }

inline void narrow(float value, float& to) { to = value; }
// Rounds to nearest even; a NaN is cut and made quiet (bf16.h).
inline void narrow(float value, bf16& to) {
  uint32_t bits = __builtin_bit_cast(uint32_t, value);
  uint32_t rounded = (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
  uint32_t quiet = bits >> 16 | 0x40u;
  to = bf16((bits & 0x7fffffffu) > 0x7f800000u ? quiet : rounded);
}

template <class T>
T* row_of(const Matrix& m, int64_t row) {
  return static_cast<T*>(m.data) + row * m.stride;
}

// Calls f with a value of the C++ type that holds a Type, so that f is compiled for either.
template <class F>
inline void with_type(Type type, F f) {
  if (type == Type::f32) {
    f(float());
  } else {
    f(bf16());
  }
}

// e^x for x up to 88, to two units in the last place, by x = n ln 2 + r, |r| <= ln 2 / 2, and a
// polynomial in r (Cephes, expf). Below -87.3 it stays at the smallest normal number; a NaN stays a
// NaN, since the comparison is false for it. Softmax and GELU ask for x <= 0 only.
inline float exponential(float x) {
  x = x < -87.3f ? -87.3f : x;
  // Adding 1.5 * 2^23 leaves no bits for a fraction: the sum is rounded to a whole number.
  float n = (x * 1.44269504f + 12582912.0f) - 12582912.0f;
  float r = x - n * 0.693359375f + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  uint32_t exponent = uint32_t(int32_t(n) + 127) << 23;
  return p * __builtin_bit_cast(float, exponent);
}

// Phi(x), given e^(-x^2/2): Abramowitz and Stegun, 7.1.26, absolute error below 7.5e-8.
inline float normal_cdf(float x, float gauss) {
  float magnitude = x < 0 ? -x : x;
  float t = 1.0f / (1.0f + 0.3275911f * 0.70710678f * magnitude);
  float p = 1.061405429f;
  p = p * t - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  float tail = 0.5f * p * t * gauss;
  return x < 0 ? tail : 1.0f - tail;
}
