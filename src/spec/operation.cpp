#include "spec/operation.h"

namespace heliu {

static_assert(size_t(OperationClass::stall) + 1 == operation_class_count);

}  // namespace heliu
