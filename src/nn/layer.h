// One block's half layers, forward and backward, and the pieces they are made of.
//
// Tensor parallelism (Shoeybi et al., arXiv 1909.08053, section 3): the first linear layer of each
// half is column parallel, the second row parallel. So a half needs one sum over the ranks in each
// direction: of what it adds to the stream, and of the gradient of what it read from it.
#pragma once

#include "nn/activations.h"
#include "nn/weights.h"

namespace heliu::nn {

// What all layers of a call work with.
struct Context {
  device::Device& device;
  comm::Group* tensor_group;  // null for one rank
  int64_t heads;              // of this rank
  int64_t sequence;           // rows of one sequence
  Scratch scratch;
};

// The residual stream between half layers: `x` plus, not yet added, what the last half computed.
struct Stream {
  device::Matrix x;
  device::Matrix branch;  // data null: nothing to add
};

// Adds the branch, leaves the sum in activations.x and its normalisation in activations.y.
void normalise(const Context& context, const Norm& norm, const Stream& stream,
               const NormActivations& activations);

// Adds to scratch.x_gradient the gradient that came to activations.y, taken from
// scratch.norm_gradient.
void normalise_backward(const Context& context, const Norm& norm,
                        const NormActivations& activations);

Stream attention_forward(const Context& context, const Block& block,
                         const BlockActivations& activations, const Stream& stream);
Stream feed_forward_forward(const Context& context, const Block& block,
                            const BlockActivations& activations, const Stream& stream);

// Take and leave the stream's gradient in scratch.x_gradient; add to the parameters' gradients.
void attention_backward(const Context& context, const Block& block,
                        const BlockActivations& activations);
void feed_forward_backward(const Context& context, const Block& block,
                           const BlockActivations& activations);

}  // namespace heliu::nn
