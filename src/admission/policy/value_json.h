// What a mutation's expression gave, as JSON.
#pragma once

#include <string>

#include "base/result.h"
#include "cel/value.h"
#include "json/value.h"

namespace gatepost::admission {

// How whole numbers beyond 2^53 come out: as texts, by the rules of protobuf's
// JSON, or as they are.
enum class LargeIntegers { texts, numbers };

// The error is the reason why the value is no JSON.
Result<json::Value> json_of(const cel::Value& value, LargeIntegers large, const json::Storage& storage);

// Objects must be named by where they stand: Object.spec below Object's field
// spec. Empty, or the complaints, one a line.
std::string misnamed_objects(const cel::Value& object);

}  // namespace gatepost::admission
