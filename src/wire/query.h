#pragma once
// The AWS query protocol: requests as forms (Action=..&Version=..&Name.member.1=..), replies and errors as XML.
// Pure functions, any thread. `out` must be a freshly made object of the shape; after an error it is only good for destruction.
//
// Reading: structs nest by '.'; a list is Name.<any one item name>.N or Name.N (flattened), and ItemName.N if its Binding has an
//   item_name (SQS: AttributeName.1); a map is Name.entry.N.key / .value or Name.N.Name / .Value; items are taken in the order
//   of N, gaps allowed; "Name=" alone is an empty list. Integers and booleans as text, Blob base64, Timestamp ISO 8601 (epoch
//   seconds and HTTP-dates are taken too). Unknown parameters are ignored.
//   Errors: wire::missing_member (message = path, "Entries.2.member.Id"), wire::malformed_input, wire::too_complex.
// Writing: elements are wire_name or the member's name; list items <member> or item_name, or flattened as the Binding says;
//   maps <entry><key/><value/></entry>; Timestamps ISO 8601; absent Opts and empty plain Lists and Maps are left out.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "shape/shape.h"

namespace surgetank {

inline constexpr std::size_t query_max_parameters = 10'000;
inline constexpr int query_max_depth = 32;

using FormParameters = std::vector<std::pair<std::string, std::string>>;
// Decodes "a=1&b=x+y%21" in order. A broken escape is wire::malformed_input, more than query_max_parameters wire::too_complex.
Result<FormParameters> parse_form(std::string_view form);
// The first parameter of that name; nullptr if absent.
const std::string* find_parameter(const FormParameters& parameters, std::string_view name);

Result<Unit> read_query(std::string_view form, const Shape& shape, void* out);
Result<Unit> read_query(const FormParameters& parameters, const Shape& shape, void* out);

// <OpResponse xmlns=".."><OpResult>members</OpResult><ResponseMetadata><RequestId>..</RequestId></ResponseMetadata></OpResponse>
// A shape without members has no <OpResult>.
std::string write_query_response(std::string_view operation, std::string_view xmlns, const Shape& shape, const void* in,
                                 std::string_view request_id);
// <ErrorResponse xmlns=".."><Error><Type>Sender</Type><Code>..</Code><Message>..</Message></Error><RequestId>..</RequestId></..>
std::string write_query_error(std::string_view xmlns, const Error& error, std::string_view request_id);

}  // namespace surgetank
