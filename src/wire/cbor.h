#pragma once
// Any shape from and to CBOR (RFC 8949) as Smithy's rpc-v2-cbor uses it (CloudWatch and newer AWS clients).
// Pure functions, any thread. `out` must be a freshly made object of the shape; after an error it is only good for destruction.
//
// Reading: all integer widths; half, single and double floats; definite and indefinite strings, arrays and maps; timestamps are
//   tag 1 with an integer or a float; null and undefined mean absent; unknown members are skipped; other tags are skipped over;
//   an empty input is the empty map. Errors and paths as in wire/json.h: wire::missing_member, wire::serialization_error,
//   wire::too_complex. Document members cannot travel in rpc-v2-cbor: reading one is wire::serialization_error, writing one asserts.
// Writing: definite lengths, shortest integers, doubles as doubles; what is absent is left out as in wire/json.h.
#include <string>
#include <string_view>

#include "base/result.h"
#include "shape/shape.h"

namespace surgetank {

inline constexpr int cbor_max_depth = 64;

Result<Unit> read_cbor(std::string_view bytes, const Shape& shape, void* out);
// Appends one map.
void write_cbor(const Shape& shape, const void* in, std::string& out);

// Builds CBOR by hand (error bodies, tests): the caller announces the number of entries of a map or array and then writes them.
void append_cbor_map(std::string& out, std::size_t entries);
void append_cbor_array(std::string& out, std::size_t elements);
void append_cbor_text(std::string& out, std::string_view text);
void append_cbor_integer(std::string& out, std::int64_t value);
void append_cbor_double(std::string& out, double value);

}  // namespace surgetank
