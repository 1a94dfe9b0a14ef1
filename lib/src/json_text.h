#pragma once
// Writing the one JSON document this library makes itself, the error report of the Runtime API. Pure functions.
#include <string>
#include <string_view>

namespace surgetank::function_runtime {

// `text` as a JSON string literal with its quotes. Always valid JSON and valid UTF-8: a byte that does not belong to a
// well-formed UTF-8 sequence becomes U+FFFD.
std::string json_string(std::string_view text);

// {"errorMessage":..,"errorType":..,"stackTrace":[]}: the body of .../error and of init/error.
std::string error_document(std::string_view error_message, std::string_view error_type);

}  // namespace surgetank::function_runtime
