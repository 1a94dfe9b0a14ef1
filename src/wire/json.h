#pragma once
// Any shape from and to JSON: the AWS json 1.0 / 1.1 protocols, the bodies of rest-json, and whatever else is JSON over a shape.
// Pure functions, any thread (a parser's scratch memory is kept per thread). `out` must be a freshly made object of the shape;
// after an error it is half filled and only good for destruction. The caller limits the size of the text; depth is limited here.
//
// Reading (what AWS's services accept):
//   unknown members are ignored (but must be well-formed JSON); null means absent; an empty or blank text is {};
//   Integer takes integral numbers only; Double also takes "NaN", "Infinity", "-Infinity"; Blob is base64;
//   Timestamp takes epoch seconds or ISO 8601 / HTTP-date text; Document keeps the verbatim JSON text of the value;
//   a known member that occurs twice, or a null inside a List or Map whose elements are not Opt, is an error.
//   Errors: wire::missing_member (message = path of the first required member that is absent, lists counted from one:
//   "Entries.2.member.Id"), wire::serialization_error (AWS-like text: "STRING_VALUE can not be converted to Integer"),
//   wire::too_complex (nested deeper than json_max_depth).
// Writing:
//   absent Opts and empty plain Lists and Maps are left out; an Opt<List> or Opt<Map> that has a value is written even if empty;
//   an absent Opt inside a List or Map is null; Timestamps are epoch seconds with up to three decimals (or as their Binding says);
//   whole Doubles have ".0"; NaN and the infinities are strings; invalid UTF-8 becomes U+FFFD.
#include <string>
#include <string_view>

#include "base/result.h"
#include "shape/shape.h"

namespace surgetank {

inline constexpr int json_max_depth = 64;

// Which members of the outermost struct take part. Nested structs always take part whole.
enum class JsonMembers : std::uint8_t {
  All,       // every member under its body name, wherever HTTP would carry it (service integrations, command line, logs)
  BodyOnly,  // only those that travel in the body: what rest-json puts there
};

Result<Unit> read_json(std::string_view text, const Shape& shape, void* out, JsonMembers members = JsonMembers::All);

// Appends one JSON object.
void write_json(const Shape& shape, const void* in, std::string& out, JsonMembers members = JsonMembers::All);
// The same for logs: Sensitive members that are present become "***", at any depth.
void write_json_redacted(const Shape& shape, const void* in, std::string& out);

// Epoch seconds as JSON spells them here: 1700000000, 1700000000.5, 1700000000.123.
void append_epoch_seconds(std::string& out, Instant t);

}  // namespace surgetank
