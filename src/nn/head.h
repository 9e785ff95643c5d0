// The end of the model: normalisation, the head tied to the token embedding, and the loss.
#pragma once

#include "nn/layer.h"

namespace heliu::nn {

// Normalises the stream and leaves each row's loss in activations.loss. With `gradient`, also the
// backward: adds scale * gradient to the head's gradients and begins scratch.x_gradient with it.
struct LossOptions {
  bool gradient = false;
  float scale = 1;
};
void head_loss(const Context& context, const Head& head, const HeadActivations& activations,
               const Stream& stream, const LossOptions& options);

// Leaves the logits of the last row in activations.last_logits.
void head_last_logits(const Context& context, const Head& head, const HeadActivations& activations,
                      const Stream& stream);

}  // namespace heliu::nn
