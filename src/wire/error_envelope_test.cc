#include "wire/error_envelope.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "wire/errors.h"

namespace surgetank {
namespace {

constexpr ErrorCode queue_does_not_exist{"QueueDoesNotExist", 400, "AWS.SimpleQueueService.NonExistentQueue"};
constexpr ErrorCode resource_not_found{"ResourceNotFoundException", 404};
constexpr ErrorCode internal_failure{"InternalFailure", 500};

TEST(ErrorEnvelope, JsonNamesTheTypeAndCarriesTheOldCodeForQueryCompatibleServices) {
  const auto envelope =
      encode_error(Protocol::Json10, {&queue_does_not_exist, "The specified queue does not exist."},
                   {.type_namespace = "com.amazonaws.sqs", .query_compatibility = QueryCompatibility::AwsQueryCompatible});
  EXPECT_EQ(envelope.status, 400);
  EXPECT_EQ(envelope.content_type, "application/x-amz-json-1.0");
  EXPECT_EQ(envelope.body, R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."})");
  EXPECT_EQ(envelope.headers, (HeaderList{{"x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender"}}));
}

TEST(ErrorEnvelope, JsonWithoutNamespaceAndWithOtherMessageMember) {
  const auto envelope = encode_error(Protocol::Json11, {&internal_failure, "x"}, {.message_member = "Message"});
  EXPECT_EQ(envelope.status, 500);
  EXPECT_EQ(envelope.content_type, "application/x-amz-json-1.1");
  EXPECT_EQ(envelope.body, R"({"__type":"InternalFailure","Message":"x"})");
  EXPECT_TRUE(envelope.headers.empty());
}

TEST(ErrorEnvelope, SignatureFaultsAre400InJsonAnd403Elsewhere) {
  EXPECT_EQ(encode_error(Protocol::Json11, {&wire::invalid_signature, ""}, {}).status, 400);
  EXPECT_EQ(encode_error(Protocol::RestJson, {&wire::invalid_signature, ""}, {}).status, 403);
  EXPECT_EQ(encode_error(Protocol::Query, {&wire::invalid_signature, ""}, {}).status, 403);
}

TEST(ErrorEnvelope, RestJsonPutsTheCodeIntoAHeaderAndTheMembersIntoTheBody) {
  const auto envelope = encode_error(
      Protocol::RestJson, {&resource_not_found, "Function not found: f", {{"Type", "User"}, {"Message", "Function not found: f"}}}, {});
  EXPECT_EQ(envelope.status, 404);
  EXPECT_EQ(envelope.headers, (HeaderList{{"x-amzn-ErrorType", "ResourceNotFoundException"}}));
  EXPECT_EQ(envelope.body, R"({"Type":"User","Message":"Function not found: f"})");
  EXPECT_EQ(encode_error(Protocol::RestJson, {&resource_not_found, "m", {{"Type", "User"}}}, {}).body, R"({"Type":"User","message":"m"})");
}

TEST(ErrorEnvelope, QueryUsesTheOldCodeAndTellsWhoIsAtFault) {
  const auto envelope = encode_error(Protocol::Query, {&queue_does_not_exist, "a & b"}, {.xmlns = "http://x/", .request_id = "id"});
  EXPECT_EQ(envelope.content_type, "text/xml");
  EXPECT_EQ(envelope.body,
            "<ErrorResponse xmlns=\"http://x/\"><Error><Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue</Code>"
            "<Message>a &amp; b</Message></Error><RequestId>id</RequestId></ErrorResponse>");
  EXPECT_TRUE(contains(encode_error(Protocol::Query, {&internal_failure, ""}, {}).body, "<Type>Receiver</Type>"));
}

TEST(ErrorEnvelope, CborIsAMapWithTypeAndMessage) {
  const auto envelope = encode_error(Protocol::RpcV2Cbor, {&resource_not_found, "m", {{"R", "x"}}}, {.type_namespace = "a.b"});
  EXPECT_EQ(envelope.content_type, "application/cbor");
  EXPECT_EQ(envelope.headers, (HeaderList{{"smithy-protocol", "rpc-v2-cbor"}}));
  EXPECT_EQ(envelope.body,
            "\xa3\x66__type\x78\x1d"
            "a.b#ResourceNotFoundException\x61R\x61x\x67message\x61m");
}

}  // namespace
}  // namespace surgetank
