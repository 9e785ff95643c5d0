// What the description of a network says: "4x100Gb RoCE per node", "IB NDR 400Gb/s per GPU".
#pragma once

#include <string>

namespace heliu::cost {

// Bytes per second of one device, one direction, into the network between nodes; 0: not said.
// "Gb" are bits, "GB" bytes. What joins devices inside a node (NVLink, PCIe, ...) is no network.
double network_bandwidth(const std::string& text, int devices_per_node);

// "omni-path", "roce" or "infiniband".
std::string network_name(const std::string& text);

}  // namespace heliu::cost
