// The promises that an operation's matrices make to each other: equal rows, equal types, and so on.
// Every backend checks them before it touches memory; a broken one throws Bug.
#pragma once

#include "device/operations.h"

namespace heliu::device {

void check(const Gemm& op);
void check(const BiasGradient& op);
void check(const Embedding& op);
void check(const EmbeddingBackward& op);
void check(const LayerNorm& op);
void check(const LayerNormBackward& op);
void check(const Gelu& op);
void check(const GeluBackward& op);
void check(const Attention& op);
void check(const AttentionBackward& op);
void check(const CrossEntropy& op);
void check(const AdamW& op);

// Every one of `count` ids, in memory of the host, names one of `choices` rows or columns.
void check_ids(const int32_t* ids, int64_t count, int64_t choices);

void check_convert(const Matrix& from, const Matrix& to);
void check_add(const Matrix& to, const Matrix& from);

}  // namespace heliu::device
