#include "services/lambda/event_source_reply.h"

#include <gtest/gtest.h>

#include "services/lambda/event_source_record.h"

namespace surgetank::lambda {
namespace {

BatchVerdict verdict(std::string_view reply) { return verdict_of_reply(reply, {"m1", "m2", "m3"}); }

TEST(EventSourceReply, ListedMessagesFailedAndTheOthersSucceeded) {
  const auto some = verdict(R"({"batchItemFailures":[{"itemIdentifier":"m2"},{"itemIdentifier":"m3"},{"itemIdentifier":"m2"}]})");
  EXPECT_FALSE(some.is_whole_batch_failed);
  EXPECT_EQ(some.failed, (std::set<std::string, std::less<>>{"m2", "m3"}));
}

TEST(EventSourceReply, NothingListedIsSuccess) {
  for (const auto* reply :
       {"", "null", "{}", "[]", R"("")", R"({"batchItemFailures":[]})", R"({"batchItemFailures":null})", R"({"statusCode":200})"}) {
    EXPECT_FALSE(verdict(reply).is_whole_batch_failed) << reply;
    EXPECT_TRUE(verdict(reply).failed.empty()) << reply;
  }
}

TEST(EventSourceReply, WhatCannotBeUnderstoodFailsTheWholeBatch) {
  for (const auto* reply : {"{", "no JSON", R"("done")", "7", R"({"batchItemFailures":"m1"})", R"({"batchItemFailures":["m1"]})",
                            R"({"batchItemFailures":[{"itemIdentifier":""}]})", R"({"batchItemFailures":[{"itemIdentifier":null}]})",
                            R"({"batchItemFailures":[{"id":"m1"}]})", R"({"batchItemFailures":[{"itemIdentifier":"m4"}]})",
                            R"({"batchItemFailures":[{"itemIdentifier":"m1"},{"itemIdentifier":"m4"}]})"})
    EXPECT_TRUE(verdict(reply).is_whole_batch_failed) << reply;
}

TEST(EventSourceRecord, HasExactlyTheMembersThatAwsDelivers) {
  ReceivedMessage message;
  message.MessageId = "059f36b4";
  message.ReceiptHandle = "AQEB";
  message.Body = "grüße \"x\"";
  message.MD5OfBody = "e4e6";
  message.Attributes = {{"ApproximateReceiveCount", "1"}, {"SentTimestamp", "1545082649183"}};
  const std::string opening = R"({"messageId":"059f36b4","receiptHandle":"AQEB","body":"grüße \"x\"",)"
                              R"("attributes":{"ApproximateReceiveCount":"1","SentTimestamp":"1545082649183"},)";
  const std::string closing = R"("md5OfBody":"e4e6","eventSource":"aws:sqs","eventSourceARN":"arn:q","awsRegion":"us-east-1"})";
  EXPECT_EQ(event_record(message, "arn:q", "us-east-1"), opening + R"("messageAttributes":{},)" + closing);

  message.MD5OfMessageAttributes = "abcd";
  message.MessageAttributes["b"].BinaryValue = Blob{"hi"};
  message.MessageAttributes["b"].DataType = "Binary";
  message.MessageAttributes["n"].StringValue = "7";
  message.MessageAttributes["n"].DataType = "Number.int";
  EXPECT_EQ(event_record(message, "arn:q", "us-east-1"),
            opening +
                R"("messageAttributes":{"b":{"binaryValue":"aGk=","stringListValues":[],"binaryListValues":[],"dataType":"Binary"},)" +
                R"("n":{"stringValue":"7","stringListValues":[],"binaryListValues":[],"dataType":"Number.int"}},)" +
                R"("md5OfMessageAttributes":"abcd",)" + closing);
}

}  // namespace
}  // namespace surgetank::lambda
