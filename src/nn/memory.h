// Device memory of a Gpt as a formula, for whoever must know it before there is one.
//
// With t = tensor_size, R = micro_batch * sequence rows, C = hidden, H = C / t, F = feed_forward /
// t, A = heads / t, V = vocabulary, L = this stage's layers, N = this rank's parameters, e = bytes
// of the compute type (4 or 2), K = min(R, 1024) rows of logits, and every buffer rounded up to 64
// B:
//
//   N            C (V + S) + L (4 C + C 3 H + 3 H + H C + C + C F + F + F C + C) + 2 C
//   values       4 N
//   gradients    4 N
//   copies       2 N in bf16, else 0
//   activations  4 R                                                  token ids
//              + L (2 (4 R C + e R C + 4 R + 4 R)                     the two normalisations
//                   + 3 e R H + e R H + 4 A R                         qkv, context, log-sum-exp
//                   + 2 e R F)                                        before and after GELU
//              + 4 R C + e R C + 4 R + 4 R                            the last normalisation
//              + e K V + 4 R + 4 R + 4 V                              logits, targets, loss
//              + e R C + 4 R C + e R C + e R max(F, 4 H)              scratch, shared by the layers
//              + 4 R C if t > 1 in bf16                               sums over ranks
//
// With several stages the first alone has C (V + S) and the ids, the last alone the final
// normalisation, the logits and a C V of its own. An optimizer's moments (8 N) are its owner's.
#pragma once

#include "nn/gpt.h"

namespace heliu::nn {

struct MemoryUse {
  int64_t parameters = 0;  // elements
  // Bytes:
  int64_t values = 0;
  int64_t gradients = 0;
  int64_t copies = 0;
  int64_t activations = 0;

  int64_t total() const { return values + gradients + copies + activations; }
};

MemoryUse memory_of(const Shape& shape, const Share& share, int64_t micro_batch,
                    device::Type compute);

}  // namespace heliu::nn
