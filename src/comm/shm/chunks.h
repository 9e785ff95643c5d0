// How a payload is cut into chunks, and a chunk into shares.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace heliu::comm::shm {

struct Range {
  size_t first = 0, count = 0;
};

// An empty payload is one empty chunk: the ranks still meet.
inline uint32_t chunk_count(size_t elements, size_t per_chunk) {
  return uint32_t(std::max<size_t>(1, (elements + per_chunk - 1) / per_chunk));
}

inline Range chunk_range(size_t elements, size_t per_chunk, uint32_t index) {
  size_t first = index * per_chunk;
  return {first, std::min(per_chunk, elements - first)};
}

// Rank's share of `elements`; shares begin at multiples of 16 elements, a cache line of f32.
inline Range share(size_t elements, int rank, int ranks) {
  size_t lines = (elements + 15) / 16;
  auto bound = [&](int r) { return std::min(elements, lines * size_t(r) / size_t(ranks) * 16); };
  return {bound(rank), bound(rank + 1) - bound(rank)};
}

}  // namespace heliu::comm::shm
