#pragma once
// Comparing what came with what a transcript expects: text with wildcards (<uuid>, <number>, <hex>, <time>, <any>, each also with
// a name, <uuid:version>, that captures what it stood for), JSON as values, XML without the white space between tags.
// Pure; any thread. A mismatch comes back as a text that says where; captures made on the way may remain.
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "wire/json_value.h"

namespace surgetank::wiretest {

using Captures = std::map<std::string, std::string>;

// nullopt: it matches.
std::optional<std::string> mismatch_of_text(std::string_view expected, std::string_view actual, Captures& captures);
std::optional<std::string> mismatch_of_json(const JsonValue& expected, const JsonValue& actual, Captures& captures);
std::optional<std::string> mismatch_of_xml(std::string_view expected, std::string_view actual, Captures& captures);

// {{name}} and {{url:name}} replaced by captured values; throws std::runtime_error for a name that nothing captured.
std::string with_captures(std::string_view text, const Captures& captures);

}  // namespace surgetank::wiretest
