#pragma once
// The AWS wire protocols that this build speaks.
#include <cstdint>
#include <string_view>

namespace surgetank {

enum class Protocol : std::uint8_t { Json10, Json11, Query, RestJson, RpcV2Cbor };

// The Content-Type of its replies: "application/x-amz-json-1.0", "text/xml", ...
std::string_view content_type_of(Protocol protocol);

}  // namespace surgetank
