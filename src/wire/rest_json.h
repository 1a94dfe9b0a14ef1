#pragma once
// rest-json: a request's members from its URI labels, query, headers and body, as the shape's Bindings say; a reply's likewise.
// Pure functions, any thread. Every view of a RestRequest must outlive the call. `out` must be a freshly made object of the shape.
//
// Reading: labels and queries: Timestamp ISO 8601; headers: Timestamp HTTP-date (either accepts both, and epoch seconds);
//   Lists repeat in the query and are separated by commas in headers; a Map in a header takes every header whose name begins with
//   wire_name; a Map in the query takes every parameter. A Payload member takes the whole body
//   (Blob and String verbatim, Document and Struct as JSON); otherwise the body is a JSON object with the remaining members.
//   Errors: as wire/json.h; a label or parameter that does not convert is wire::serialization_error.
// Writing: the mirror image; control characters in header values become spaces; a Content-Type member replaces content_type.
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "shape/shape.h"
#include "wire/header.h"
#include "wire/uri_template.h"

namespace surgetank {

struct RestRequest {
  const UriLabels* labels = nullptr;  // from UriTemplate::match; may be null
  std::string_view query = {};        // raw, without '?'
  HeaderViews headers = {};
  std::string_view body = {};
};
Result<Unit> read_rest_json(const RestRequest& request, const Shape& shape, void* out);

struct RestReply {
  std::optional<int> status = {};  // from a StatusCode member; else the operation's own
  HeaderList headers = {};         // without Content-Type
  std::string content_type = {};   // empty when there is no body
  std::string body = {};
};
// A shape with members in the body makes at least {}; without any, or with an absent Payload member, there is no body.
RestReply write_rest_json(const Shape& shape, const void* in);

}  // namespace surgetank
