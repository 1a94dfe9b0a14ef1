#pragma once
// From an HTTP request to an operation's input and from its result to an HTTP answer, for every protocol: the glue between
// kernel/router.h and wire/. Pure functions, any thread.
#include <string>
#include <string_view>

#include "base/result.h"
#include "kernel/http.h"
#include "kernel/operation.h"
#include "kernel/router.h"
#include "shape/shape.h"
#include "wire/error_envelope.h"

namespace surgetank {

// `route` has an operation; `body` is without content coding. What the wire layer refuses is worded by service.errors.
Result<Box> decode_input(const Route& route, const HttpRequest& request, std::string_view body);

struct ReplyContext {
  const Service* service = nullptr;      // null: none was found
  const Operation* operation = nullptr;  // of a success; null otherwise
  Protocol protocol = Protocol::RestJson;
  std::string_view request_id;
  QueryCompatibility query_compatibility = QueryCompatibility::None;
};
// Both carry x-amzn-RequestId.
HttpResponse encode_output(const ReplyContext& context, const Box& output);
HttpResponse encode_fault(const ReplyContext& context, const Error& error);

}  // namespace surgetank
