#pragma once
// How each AWS protocol tells the client of an Error. Pure functions, any thread.
//   json 1.0/1.1: {"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":".."} plus Error::members;
//     an awsQueryCompatible service adds x-amzn-query-error: <old code>;Sender|Receiver.
//     Faults of the signature have status 400 here (as AWS's JSON services answer), 403 elsewhere.
//   query: <ErrorResponse>..; code = ErrorCode::query_name if it has one.
//   rest-json: header x-amzn-ErrorType, body {"message":".."} plus Error::members (Lambda adds "Type":"User").
//   rpc-v2-cbor: a map with __type, message and the members; header smithy-protocol.
// A member named "message" or "Message" in Error::members stands in for the message itself (query always has <Message>).
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/header.h"
#include "wire/protocol.h"

namespace surgetank {

enum class QueryCompatibility : std::uint8_t { None, AwsQueryCompatible };

struct ErrorContext {
  std::string_view type_namespace = {};         // "com.amazonaws.sqs"; empty: __type is the bare code
  std::string_view xmlns = {};                  // query
  std::string_view request_id = {};             // query puts it into the body; the header is the caller's business
  std::string_view message_member = "message";  // some services spell it "Message"
  QueryCompatibility query_compatibility = QueryCompatibility::None;
};

struct ErrorEnvelope {
  int status = 400;
  HeaderList headers = {};  // without Content-Type
  std::string content_type = {};
  std::string body = {};
};

ErrorEnvelope encode_error(Protocol protocol, const Error& error, const ErrorContext& context);

}  // namespace surgetank
