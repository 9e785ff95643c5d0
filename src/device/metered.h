// A device that does what another does and keeps the time of each class of operation.
//
// The classes are those of the forecast (spec/operation.h), so that a measured step can be laid
// beside a promised one, line by line.
#pragma once

#include <array>

#include "device/device.h"
#include "spec/operation.h"

namespace heliu::device {

// Seconds spent in each class since the last reset, indexed by OperationClass.
using Meter = std::array<double, operation_class_count>;

// `inner` and `meter` must outlive the result.
std::unique_ptr<Device> metered(Device& inner, Meter& meter);

}  // namespace heliu::device
