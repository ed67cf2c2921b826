// Values of types net.IP and net.CIDR.
#pragma once

#include "cel/value.h"

namespace gatepost::cel {

// Bytes of an address, bytes of a prefix's fixed part; 1 for other host objects.
std::uint64_t network_value_size(const Value& value);

}  // namespace gatepost::cel
