#pragma once
// CBOR as JSON and back, so that transcripts of rpc-v2-cbor can be read: {"$time": 1.5} is a timestamp (tag 1), {"$bytes": "aGk="}
// a byte string, numbers with a point or exponent are doubles. Pure; any thread. What is neither throws std::runtime_error.
#include <string>
#include <string_view>

#include "wire/json_value.h"

namespace surgetank::wiretest {

std::string cbor_of_json(const JsonValue& value);
JsonValue json_of_cbor(std::string_view bytes);

}  // namespace surgetank::wiretest
