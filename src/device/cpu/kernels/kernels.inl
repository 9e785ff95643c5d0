// All kernels and their table. Included inside an unnamed namespace that defines `lanes` and `isa`.
// The blank lines keep the order: a group uses those above it.
#include "math.inl"

#include "adamw.inl"
#include "cross_entropy.inl"
#include "elementwise.inl"
#include "product.inl"

#include "attention.inl"
#include "embedding.inl"
#include "layer_norm.inl"

#include "attention_backward.inl"

constexpr Kernels kernels = {
    .isa = isa,
    .convert = convert,
    .add = add,
    .sum_of_squares = sum_of_squares,
    .bias_gradient = bias_gradient,
    .embedding = embedding,
    .embedding_backward = embedding_backward,
    .layer_norm = layer_norm,
    .layer_norm_backward = layer_norm_backward,
    .gelu = gelu,
    .gelu_backward = gelu_backward,
    .cross_entropy = cross_entropy,
    .adamw = adamw,
    .attention = attention,
    .attention_backward = attention_backward,
    .attention_scratch = attention_scratch,
};
