#include "kernel/api_codec.h"

#include <utility>

#include "base/text.h"
#include "wire/cbor.h"
#include "wire/errors.h"
#include "wire/json.h"
#include "wire/query.h"
#include "wire/rest_json.h"

namespace surgetank {
namespace {

// The parameters are in the body, in the query string, or in both.
Result<Unit> read_query_input(const Service& service, const HttpRequest& request, std::string_view body, Box& input) {
  std::string form(request.method == "GET" ? std::string_view{} : body);
  if (!request.query.empty()) form.append(form.empty() ? "" : "&").append(request.query);
  const auto& member = service.path_member;
  const bool takes_path = !member.empty() && request.path.size() > 1 && find_member(input.shape(), member) != nullptr;
  if (takes_path && !form_value(form, member)) form.append("&").append(member).append("=").append(percent_encode(request.path));
  return read_query(form, input.shape(), input.get());
}

Result<Unit> read_input(const Route& route, const HttpRequest& request, std::string_view body, Box& input) {
  switch (route.protocol) {
    case Protocol::Json10:
    case Protocol::Json11:
      return read_json(body, input.shape(), input.get());
    case Protocol::RpcV2Cbor:
      return read_cbor(body, input.shape(), input.get());
    case Protocol::Query:
      return read_query_input(*route.service, request, body, input);
    case Protocol::RestJson:
      return read_rest_json({.labels = &route.labels, .query = request.query, .headers = request.headers, .body = body}, input.shape(),
                            input.get());
  }
  return Error{&wire::serialization_error, "unknown protocol"};
}

// "Tags.1.member.Key" as AWS's validators spell it: 'tags.1.member.key'.
std::string validation_path(std::string_view path) {
  std::string out(path);
  bool first = true;
  for (auto& c : out) {
    if (first && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    first = c == '.';
  }
  return out;
}

Error in_words_of(const Service& service, Error error) {
  if (error.code == &wire::missing_member) {
    const auto path = std::move(error.message);
    if (service.errors.missing_parameter != nullptr) error.code = service.errors.missing_parameter;
    error.message = contains(error.code->name, "Missing") ? "The request must contain the parameter " + path + "."
                                                          : "1 validation error detected: Value null at '" + validation_path(path) +
                                                                "' failed to satisfy constraint: Member must not be null";
  } else if (service.errors.malformed != nullptr && (error.code == &wire::serialization_error || error.code == &wire::malformed_input)) {
    error.code = service.errors.malformed;
  }
  return error;
}

}  // namespace

Result<Box> decode_input(const Route& route, const HttpRequest& request, std::string_view body) {
  Box input(*route.operation->request());
  auto read = read_input(route, request, body, input);
  if (!read.ok()) return in_words_of(*route.service, std::move(read.error()));
  return input;
}

HttpResponse encode_output(const ReplyContext& context, const Box& output) {
  HttpResponse response{
      .status = context.operation->success_status, .headers = {{"x-amzn-RequestId", std::string(context.request_id)}}, .body = {}};
  std::string content_type(content_type_of(context.protocol));
  switch (context.protocol) {
    case Protocol::Json10:
    case Protocol::Json11:
      write_json(output.shape(), output.get(), response.body);
      break;
    case Protocol::RpcV2Cbor:
      response.headers.emplace_back("smithy-protocol", "rpc-v2-cbor");
      write_cbor(output.shape(), output.get(), response.body);
      break;
    case Protocol::Query:
      response.body =
          write_query_response(context.operation->name, context.service->xml_namespace, output.shape(), output.get(), context.request_id);
      break;
    case Protocol::RestJson: {
      auto reply = write_rest_json(output.shape(), output.get());
      if (reply.status) response.status = *reply.status;
      for (auto& header : reply.headers) response.headers.push_back(std::move(header));
      content_type = std::move(reply.content_type);
      response.body = std::move(reply.body);
      break;
    }
  }
  constexpr int no_content = 204;
  if (response.status == no_content) {
    response.body.clear();
    content_type.clear();
  }
  if (!content_type.empty()) response.headers.emplace_back("Content-Type", std::move(content_type));
  return response;
}

HttpResponse encode_fault(const ReplyContext& context, const Error& error) {
  auto envelope = encode_error(context.protocol, error,
                               {.type_namespace = context.service != nullptr ? context.service->error_namespace : std::string_view{},
                                .xmlns = context.service != nullptr ? context.service->xml_namespace : std::string_view{},
                                .request_id = context.request_id,
                                .query_compatibility = context.query_compatibility});
  HttpResponse response{.status = envelope.status, .headers = std::move(envelope.headers), .body = std::move(envelope.body)};
  response.headers.emplace_back("x-amzn-RequestId", std::string(context.request_id));
  if (!envelope.content_type.empty()) response.headers.emplace_back("Content-Type", std::move(envelope.content_type));
  return response;
}

}  // namespace surgetank
