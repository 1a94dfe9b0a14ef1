#include "wire/error_envelope.h"

#include "wire/cbor.h"
#include "wire/errors.h"
#include "wire/json_writer.h"
#include "wire/query.h"

namespace surgetank {
namespace {

bool is_signature_fault(const ErrorCode& code) {
  for (const auto* known : {&wire::missing_authentication_token, &wire::incomplete_signature, &wire::invalid_signature,
                            &wire::unrecognized_client, &wire::expired_token})
    if (code.name == known->name) return true;
  return false;
}

std::string type_name(const Error& error, const ErrorContext& context) {
  if (context.type_namespace.empty()) return std::string(error.code->name);
  return std::string(context.type_namespace) + "#" + std::string(error.code->name);
}

bool has_own_message(const Error& error) {
  for (const auto& [name, value] : error.members)
    if (name == "message" || name == "Message") return true;
  return false;
}

void add_query_error_header(const Error& error, const ErrorContext& context, HeaderList& headers) {
  if (context.query_compatibility == QueryCompatibility::None) return;
  const auto& code = *error.code;
  const auto old_code = code.query_name.empty() ? code.name : code.query_name;
  headers.emplace_back("x-amzn-query-error", std::string(old_code) + (code.http_status < 500 ? ";Sender" : ";Receiver"));
}

void write_json_members(JsonWriter& json, const Error& error, const ErrorContext& context) {
  for (const auto& [name, value] : error.members) json.key(name).string(value);
  if (!has_own_message(error)) json.key(context.message_member).string(error.message);
}

void encode_json(const Error& error, const ErrorContext& context, ErrorEnvelope& envelope) {
  if (is_signature_fault(*error.code)) envelope.status = 400;
  add_query_error_header(error, context, envelope.headers);
  JsonWriter json(envelope.body);
  json.begin_object().key("__type").string(type_name(error, context));
  write_json_members(json, error, context);
  json.end_object();
}

void encode_rest_json(const Error& error, const ErrorContext& context, ErrorEnvelope& envelope) {
  envelope.headers.emplace_back("x-amzn-ErrorType", error.code->name);
  JsonWriter json(envelope.body);
  json.begin_object();
  write_json_members(json, error, context);
  json.end_object();
}

void encode_cbor(const Error& error, const ErrorContext& context, ErrorEnvelope& envelope) {
  if (is_signature_fault(*error.code)) envelope.status = 400;
  envelope.headers.emplace_back("smithy-protocol", "rpc-v2-cbor");
  add_query_error_header(error, context, envelope.headers);
  const bool own_message = has_own_message(error);
  append_cbor_map(envelope.body, 1 + error.members.size() + (own_message ? 0 : 1));
  append_cbor_text(envelope.body, "__type");
  append_cbor_text(envelope.body, type_name(error, context));
  for (const auto& [name, value] : error.members) {
    append_cbor_text(envelope.body, name);
    append_cbor_text(envelope.body, value);
  }
  if (own_message) return;
  append_cbor_text(envelope.body, context.message_member);
  append_cbor_text(envelope.body, error.message);
}

}  // namespace

std::string_view content_type_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::Json10:
      return "application/x-amz-json-1.0";
    case Protocol::Json11:
      return "application/x-amz-json-1.1";
    case Protocol::Query:
      return "text/xml";
    case Protocol::RestJson:
      return "application/json";
    case Protocol::RpcV2Cbor:
      return "application/cbor";
  }
  return "";
}

ErrorEnvelope encode_error(Protocol protocol, const Error& error, const ErrorContext& context) {
  ErrorEnvelope envelope{.status = error.code->http_status, .content_type = std::string(content_type_of(protocol))};
  switch (protocol) {
    case Protocol::Json10:
    case Protocol::Json11:
      encode_json(error, context, envelope);
      break;
    case Protocol::Query:
      envelope.body = write_query_error(context.xmlns, error, context.request_id);
      break;
    case Protocol::RestJson:
      encode_rest_json(error, context, envelope);
      break;
    case Protocol::RpcV2Cbor:
      encode_cbor(error, context, envelope);
      break;
  }
  return envelope;
}

}  // namespace surgetank
