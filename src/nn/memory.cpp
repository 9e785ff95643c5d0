#include "nn/memory.h"

#include <algorithm>

#include "nn/parameters.h"

namespace heliu::nn {
namespace {

int64_t rounded(int64_t bytes) { return (bytes + 63) / 64 * 64; }

int64_t parameter_count(const Shape& shape, const Share& share) {
  int64_t c = shape.hidden, h = c / share.tensor_size, f = shape.feed_forward / share.tensor_size;
  int64_t block = 4 * c + (c * 3 * h + 3 * h) + (h * c + c) + (c * f + f) + (f * c + c);
  int64_t count = layers_of(shape, share).count() * block;
  if (embeds(share)) count += c * (shape.vocabulary + shape.sequence);
  if (has_head(share)) count += 2 * c;
  if (has_head(share) && !embeds(share)) count += c * shape.vocabulary;
  return count;
}

int64_t activation_count(const Shape& shape, const Share& share, int64_t micro_batch,
                         device::Type compute) {
  int64_t e = size_of(compute), r = micro_batch * shape.sequence, c = shape.hidden;
  int64_t h = c / share.tensor_size, f = shape.feed_forward / share.tensor_size;
  int64_t norm = rounded(4 * r * c) + rounded(e * r * c) + 2 * rounded(4 * r);
  int64_t block = 2 * norm + rounded(3 * e * r * h) + rounded(e * r * h) +
                  rounded(4 * shape.heads / share.tensor_size * r) + 2 * rounded(e * r * f);
  int64_t scratch =
      2 * rounded(e * r * c) + rounded(4 * r * c) + rounded(e * r * std::max(f, 4 * h));
  if (share.tensor_size > 1 && e != 4) scratch += rounded(4 * r * c);

  int64_t bytes = layers_of(shape, share).count() * block + scratch;
  if (embeds(share)) bytes += rounded(4 * r);
  if (has_head(share))
    bytes += norm + rounded(e * std::min<int64_t>(r, 1024) * shape.vocabulary) +
             2 * rounded(4 * r) + rounded(4 * shape.vocabulary);
  return bytes;
}

}  // namespace

MemoryUse memory_of(const Shape& shape, const Share& share, int64_t micro_batch,
                    device::Type compute) {
  int64_t n = parameter_count(shape, share);
  return {n, 4 * n, 4 * n, compute == device::Type::bf16 ? 2 * n : 0,
          activation_count(shape, share, micro_batch, compute)};
}

}  // namespace heliu::nn
