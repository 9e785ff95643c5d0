#include "device/reference/element.h"
#include "device/reference/reference.h"

namespace heliu::device::reference {

void embedding(const Embedding& op) {
  for (int64_t r = 0; r < op.x.rows; ++r) {
    for (int64_t j = 0; j < op.x.columns; ++j) {
      put(op.x, r, j, get(op.tokens, op.ids[r], j) + get(op.positions, r % op.positions.rows, j));
    }
  }
}

void embedding_backward(const EmbeddingBackward& op) {
  const Matrix& tokens = op.tokens_gradient;
  const Matrix& positions = op.positions_gradient;
  for (int64_t r = 0; r < op.x_gradient.rows; ++r) {
    int64_t id = op.ids[r], position = r % positions.rows;
    for (int64_t j = 0; j < op.x_gradient.columns; ++j) {
      float gradient = get(op.x_gradient, r, j);
      put(tokens, id, j, get(tokens, id, j) + gradient);
      put(positions, position, j, get(positions, position, j) + gradient);
    }
  }
}

}  // namespace heliu::device::reference
