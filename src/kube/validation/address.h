// IP addresses and CIDR blocks in fields that once took them sloppily written: leading zeros and IPv4 in IPv6 are now
// refused, with the texts of apimachinery's util/validation.
#pragma once

#include <optional>

#include "formats/ip.h"
#include "formats/names.h"
#include "kube/validation/field.h"

namespace gatepost::kube {

// What the sloppy reader takes: 010.0.0.1 is 10.0.0.1.
std::optional<formats::Ip> read_address(std::string_view text);
std::optional<formats::Prefix> read_block(std::string_view text);

// Whether the address was read, well-formed or not.
bool validate_address(Errors& errors, const Field& field, std::string_view text);
bool validate_block(Errors& errors, const Field& field, std::string_view text);
// A newer field: canonical too.
bool validate_canonical_address(Errors& errors, const Field& field, std::string_view text);
// The name of an IPAddress object: the address in its canonical form.
formats::Complaints address_name(std::string_view name);
// Not one that only the machine itself or its link reaches.
void validate_endpoint_address(Errors& errors, const Field& field, std::string_view text);

}  // namespace gatepost::kube
