#pragma once
// The body of a request without its Content-Encoding: some SDKs send PutMetricData and the like compressed (gzip), signed as sent.
// What it grows to is bounded. Pure, any thread.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "kernel/http.h"

namespace surgetank {

namespace body_errors {
inline constexpr ErrorCode too_large{"RequestEntityTooLargeException", 413};
inline constexpr ErrorCode unsupported_encoding{"UnsupportedMediaTypeException", 415};
inline constexpr ErrorCode damaged{"SerializationException", 400, "MalformedInput"};
}  // namespace body_errors

// nullopt: the body is plain as it is. `limit_bytes` counts before and after decompression.
Result<std::optional<std::string>> uncompressed_body(const HttpRequest& request, std::size_t limit_bytes);

// RFC 1952, one or more members. Errors: damaged, too_large.
Result<std::string> gunzip(std::string_view bytes, std::size_t limit_bytes);

Error body_too_large(std::size_t limit_bytes);

}  // namespace surgetank
