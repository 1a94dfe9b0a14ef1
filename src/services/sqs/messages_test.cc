#include <gtest/gtest.h>

#include "base/text.h"
#include "kernel/test_world.h"
#include "services/sqs/body_record.h"
#include "services/sqs/message_digest.h"
#include "services/sqs/receipt_handle.h"
#include "services/sqs/service.h"
#include "wire/json_value.h"

namespace surgetank::sqs {
namespace {

const std::string url_start = "http://127.0.0.1:4566/000000000000/";

MessageAttributeValue text_value(const std::string& text) {
  MessageAttributeValue value;
  value.DataType = "String";
  value.StringValue = text;
  return value;
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

struct MessagesTest : testing::Test {
  TestWorld world{{&service}};
  std::string call(std::string_view operation, const std::string& input) { return world.call("sqs", operation, input); }
  // Members of a request after the queue's URL: R"("MessageBody":"x")".
  std::string on(const std::string& queue, std::string_view operation, const std::string& members = {}) {
    return call(operation, R"({"QueueUrl":")" + url_start + queue + "\"" + (members.empty() ? "" : "," + members) + "}");
  }
  void create(const std::string& queue, const std::string& attributes = {}) {
    const auto reply = call("CreateQueue", R"({"QueueName":")" + queue + R"(","Attributes":{)" + attributes + "}}");
    ASSERT_NE(reply.find("QueueUrl"), std::string::npos) << reply;
  }
  void create_fifo(const std::string& queue, const std::string& attributes = {}) {
    create(queue, R"("FifoQueue":"true")" + (attributes.empty() ? "" : "," + attributes));
  }
  std::string send(const std::string& queue, const std::string& body, const std::string& members = {}) {
    return on(queue, "SendMessage", R"("MessageBody":)" + quoted(body) + (members.empty() ? "" : "," + members));
  }
  // The messages of a receive as JSON values.
  JsonArray receive(const std::string& queue, const std::string& members = R"("MaxNumberOfMessages":10)") {
    const auto reply = parse_json(on(queue, "ReceiveMessage", members));
    const auto* messages = reply.ok() ? reply->find("Messages") : nullptr;
    return messages == nullptr ? JsonArray{} : *messages->as_array();
  }
  std::vector<std::string> bodies(const std::string& queue, const std::string& members = R"("MaxNumberOfMessages":10)") {
    std::vector<std::string> out;
    for (const auto& message : receive(queue, members)) out.push_back(*message.find_string("Body"));
    return out;
  }
  std::string receive_handle(const std::string& queue, const std::string& members = {}) {
    const auto messages = receive(queue, members);
    return messages.empty() ? "nothing" : *messages[0].find_string("ReceiptHandle");
  }
  std::string attribute(const std::string& queue, const std::string& name) {
    const auto reply = parse_json(on(queue, "GetQueueAttributes", R"("AttributeNames":["All"])"));
    const auto* value = reply.ok() ? reply->find_path({"Attributes", name}) : nullptr;
    return value == nullptr ? "none" : *value->as_string();
  }
  std::string with_handle(const std::string& handle, const std::string& more = {}) {
    return R"("ReceiptHandle":)" + quoted(handle) + (more.empty() ? "" : "," + more);
  }
};
using Bodies = std::vector<std::string>;

TEST_F(MessagesTest, WhatIsSentIsReceivedOnceWithItsDigestsAndDeletedByItsHandle) {
  create("q");
  const auto sent = parse_json(send("q", "This is a test message"));
  ASSERT_TRUE(sent.ok());
  EXPECT_EQ(*sent->find_string("MD5OfMessageBody"), "fafb00f5732ab283681e124bf8747ed1");  // the example of AWS's API reference
  const auto received = receive("q");
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(*received[0].find_string("MessageId"), *sent->find_string("MessageId"));
  EXPECT_EQ(*received[0].find_string("MD5OfBody"), "fafb00f5732ab283681e124bf8747ed1");
  EXPECT_TRUE(receive("q").empty());
  EXPECT_EQ(attribute("q", "ApproximateNumberOfMessagesNotVisible"), "1");
  EXPECT_EQ(on("q", "DeleteMessage", with_handle(*received[0].find_string("ReceiptHandle"))), "{}");
  world.advance(minutes(1));
  EXPECT_TRUE(receive("q").empty());
  EXPECT_EQ(attribute("q", "ApproximateNumberOfMessages"), "0");
}

TEST_F(MessagesTest, AttributesComeBackAsAskedForWithTheDigestOfWhatIsShown) {
  create("q");
  const std::string attributes =
      R"("MessageAttributes":{"a.one":{"DataType":"String","StringValue":"1"},"a.two":{"DataType":"Number","StringValue":"2"},)"
      R"("b":{"DataType":"Binary","BinaryValue":"AAEC"}},"MessageSystemAttributes":{"AWSTraceHeader":{"DataType":"String",)"
      R"("StringValue":"Root=1-5759e988-bd862e3fe1be46a994272793"}})";
  const auto sent = parse_json(send("q", "body", attributes));
  ASSERT_TRUE(sent->find_string("MD5OfMessageSystemAttributes"));
  const auto all = receive("q", R"("VisibilityTimeout":0,"MessageAttributeNames":["All"],"MessageSystemAttributeNames":["All"])");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(*all[0].find_string("MD5OfMessageAttributes"), *sent->find_string("MD5OfMessageAttributes"));
  EXPECT_EQ(*all[0].find_path({"MessageAttributes", "b", "BinaryValue"})->as_string(), "AAEC");
  EXPECT_EQ(*all[0].find_path({"Attributes", "AWSTraceHeader"})->as_string(), "Root=1-5759e988-bd862e3fe1be46a994272793");
  EXPECT_EQ(*all[0].find_path({"Attributes", "ApproximateReceiveCount"})->as_string(), "1");
  const auto some = receive("q", R"("VisibilityTimeout":0,"MessageAttributeNames":["a.*"],"AttributeNames":["SentTimestamp"])");
  ASSERT_EQ(some.size(), 1U);
  EXPECT_EQ(some[0].find("MessageAttributes")->as_object()->size(), 2U);
  EXPECT_EQ(some[0].find("Attributes")->as_object()->size(), 1U);
  const auto none = receive("q", R"("VisibilityTimeout":0)");
  EXPECT_EQ(none[0].find("MessageAttributes"), nullptr);
  EXPECT_EQ(none[0].find("MD5OfMessageAttributes"), nullptr);
  EXPECT_EQ(on("q", "ReceiveMessage", R"("AttributeNames":["Nonsense"])"), "InvalidAttributeName: Unknown Attribute Nonsense.");
}

TEST_F(MessagesTest, TheDigestOfAttributesIsThatOfTheDeveloperGuide) {
  Map<MessageAttributeValue> attributes;
  attributes["test_attribute_name_1"] = text_value("test_attribute_value_1");
  attributes["test_attribute_name_2"].BinaryValue = Blob{"test_attribute_value_2"};
  attributes["test_attribute_name_2"].DataType = "Binary";
  std::string text;
  const auto add = [&](std::string_view part) {
    text += std::string(3, '\0') + static_cast<char>(part.size());
    text += part;
  };
  add("test_attribute_name_1");
  add("String");
  text += '\x01';
  add("test_attribute_value_1");
  add("test_attribute_name_2");
  add("Binary");
  text += '\x02';
  add("test_attribute_value_2");
  EXPECT_EQ(md5_of_attributes(attributes), md5_text(md5(text)));
  EXPECT_EQ(md5_text(md5("")), "d41d8cd98f00b204e9800998ecf8427e");
}

TEST_F(MessagesTest, AForbiddenCharacterIsFoundWhereverItStands) {
  create("q");
  for (std::size_t place = 0; place < 24; ++place) {
    const auto with = [&](std::string_view character) {
      return send("q", std::string(place, 'a') + std::string(character) + std::string(23 - place, 'b'));
    };
    EXPECT_EQ(with(R"(\u001f)").substr(0, 22), "InvalidMessageContents") << place;
    EXPECT_EQ(with(R"(\ufffe)").substr(0, 22), "InvalidMessageContents") << place;
    EXPECT_NE(with(R"(\t)").substr(0, 22), "InvalidMessageContents") << place;
    EXPECT_NE(with(R"(\uf8ff)").substr(0, 22), "InvalidMessageContents") << place;
  }
}

TEST_F(MessagesTest, InvalidMessagesAreRefusedWithTheWordsOfAws) {
  create("q");
  EXPECT_EQ(send("q", ""), "MissingRequiredParameterException: The request must contain the parameter MessageBody.");
  EXPECT_EQ(send("q", R"(a\u0001)").substr(0, 64), "InvalidMessageContents: Invalid binary character '#x1' was found");
  EXPECT_EQ(send("q", R"(a\uffff)").substr(0, 22), "InvalidMessageContents");
  EXPECT_EQ(
      send("q", "x", R"("DelaySeconds":901)"),
      "InvalidParameterValueException: Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.");
  EXPECT_EQ(send("q", "x", R"("MessageDeduplicationId":"d")").substr(0, 78),
            "InvalidParameterValueException: Value d for parameter MessageDeduplicationId i");
  EXPECT_EQ(send("q", "x", R"("MessageAttributes":{"a":{"DataType":"Float","StringValue":"1"}})").substr(0, 78),
            "InvalidParameterValueException: The message attribute 'a' has an invalid messa");
  EXPECT_EQ(send("q", "x", R"("MessageAttributes":{"a":{"DataType":"Number","StringValue":"one"}})"),
            "InvalidParameterValueException: Can't cast the value of message (user) attribute 'a' to a number.");
  EXPECT_EQ(send("q", std::string(1'048'577, 'x')),
            "InvalidParameterValueException: One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.");
  EXPECT_EQ(send("nowhere", "x"), "QueueDoesNotExist: The specified queue does not exist.");
  EXPECT_EQ(attribute("q", "ApproximateNumberOfMessages"), "0");
}

TEST_F(MessagesTest, ABatchAnswersForEachEntryAndIsRefusedAsAWholeForItsShape) {
  create("q");
  EXPECT_EQ(on("q", "SendMessageBatch", R"("Entries":[])"),
            "EmptyBatchRequest: There should be at least one SendMessageBatchRequestEntry in the request.");
  EXPECT_EQ(on("q", "SendMessageBatch", R"("Entries":[{"Id":"a","MessageBody":"1"},{"Id":"a","MessageBody":"2"}])"),
            "BatchEntryIdsNotDistinct: Id a repeated.");
  EXPECT_EQ(on("q", "SendMessageBatch", R"("Entries":[{"Id":"a b","MessageBody":"1"}])").substr(0, 20), "InvalidBatchEntryId:");
  std::string eleven;
  for (int i = 0; i < 11; ++i) eleven += (i == 0 ? "" : ",") + std::string(R"({"MessageBody":"x","Id":")") + std::to_string(i) + "\"}";
  EXPECT_EQ(on("q", "SendMessageBatch", R"("Entries":[)" + eleven + "]"),
            "TooManyEntriesInBatchRequest: Maximum number of entries per request are 10. You have sent 11.");
  const std::string big(600'000, 'x');
  EXPECT_EQ(
      on("q", "SendMessageBatch", R"("Entries":[{"Id":"a","MessageBody":")" + big + R"("},{"Id":"b","MessageBody":")" + big + R"("}])"),
      "BatchRequestTooLong: Batch requests cannot be longer than 1048576 bytes. You have sent 1200000 bytes.");
  const auto reply = parse_json(on("q", "SendMessageBatch", R"("Entries":[{"Id":"a","MessageBody":"1"},{"Id":"b","MessageBody":""}])"));
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(*reply->find("Successful")->as_array()->at(0).find_string("Id"), "a");
  const auto& failed = reply->find("Failed")->as_array()->at(0);
  EXPECT_EQ(*failed.find_string("Code"), "MissingParameter");
  EXPECT_EQ(failed.find("SenderFault")->as_boolean(), true);
  EXPECT_EQ(bodies("q"), Bodies{"1"});
}

TEST_F(MessagesTest, OnlyTheLastHandleDeletesAndAnotherQueuesHandleIsInvalid) {
  create("q");
  create("other");
  send("q", "x");
  const auto first = receive_handle("q", R"("VisibilityTimeout":1)");
  world.advance(seconds(1));
  const auto second = receive_handle("q");
  EXPECT_NE(first, second);
  EXPECT_EQ(on("q", "DeleteMessage", with_handle(first)), "{}");
  EXPECT_EQ(attribute("q", "ApproximateNumberOfMessagesNotVisible"), "1") << "an older handle deletes nothing";
  EXPECT_EQ(on("other", "DeleteMessage", with_handle(second)),
            "ReceiptHandleIsInvalid: The input receipt handle \"" + second + "\" is not a valid receipt handle.");
  auto forged = second;
  forged[10] = forged[10] == 'A' ? 'B' : 'A';
  EXPECT_EQ(on("q", "DeleteMessage", with_handle(forged)).substr(0, 22), "ReceiptHandleIsInvalid");
  const auto batch = parse_json(
      on("q", "DeleteMessageBatch", R"("Entries":[{"Id":"1","ReceiptHandle":")" + second + R"("},{"Id":"2","ReceiptHandle":"x"}])"));
  EXPECT_EQ(batch->find("Successful")->as_array()->size(), 1U);
  EXPECT_EQ(*batch->find("Failed")->as_array()->at(0).find_string("Code"), "ReceiptHandleIsInvalid");
  EXPECT_EQ(on("q", "DeleteMessage", with_handle(second)), "{}") << "deleting twice is fine";
}

TEST_F(MessagesTest, VisibilityChangesUpToTwelveHoursFromTheReceive) {
  create("q");
  send("q", "x");
  const auto handle = receive_handle("q");
  EXPECT_EQ(on("q", "ChangeMessageVisibility", with_handle(handle, R"("VisibilityTimeout":43201)")).substr(0, 61),
            "InvalidParameterValueException: Value 43201 for parameter Vis");
  world.advance(seconds(10));
  EXPECT_EQ(on("q", "ChangeMessageVisibility", with_handle(handle, R"("VisibilityTimeout":43200)")),
            "InvalidParameterValueException: Value 43200 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for "
            "the message is beyond the limit [43200 seconds].");
  EXPECT_EQ(on("q", "ChangeMessageVisibility", with_handle(handle, R"("VisibilityTimeout":40000)")), "{}");
  world.advance(seconds(39999));
  EXPECT_TRUE(receive("q").empty());
  EXPECT_EQ(on("q", "ChangeMessageVisibility", with_handle(handle, R"("VisibilityTimeout":0)")), "{}");
  EXPECT_EQ(on("q", "ChangeMessageVisibility", with_handle(handle, R"("VisibilityTimeout":5)")),
            "MessageNotInflight: The specified message isn't in flight.");
  EXPECT_EQ(receive("q").size(), 1U);
}

TEST_F(MessagesTest, ReceiveParametersHaveTheirRanges) {
  create("q");
  EXPECT_EQ(on("q", "ReceiveMessage", R"("MaxNumberOfMessages":11)"),
            "InvalidParameterValueException: Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if "
            "provided.");
  EXPECT_EQ(on("q", "ReceiveMessage", R"("WaitTimeSeconds":21)").substr(0, 52), "InvalidParameterValueException: Value 21 for paramet");
  EXPECT_EQ(on("q", "ReceiveMessage", R"("VisibilityTimeout":-1)").substr(0, 52), "InvalidParameterValueException: Value -1 for paramet");
  EXPECT_EQ(on("q", "ReceiveMessage", R"("ReceiveRequestAttemptId":"a")").substr(0, 50),
            "InvalidParameterValueException: Value a for parame");
}

TEST_F(MessagesTest, ACrashLosesNeitherMessagesNorWhatIsKnownOfThem) {
  create("q");
  create_fifo("f.fifo", R"("ContentBasedDeduplication":"true")");
  for (int i = 0; i < 20; ++i) send("q", "m" + std::to_string(i));
  const auto first = parse_json(send("f.fifo", "once", R"("MessageGroupId":"g")"));
  const auto handle = receive_handle("q", R"("VisibilityTimeout":100)");
  world.crash_and_restart();
  EXPECT_EQ(attribute("q", "ApproximateNumberOfMessages"), "19");
  EXPECT_EQ(attribute("q", "ApproximateNumberOfMessagesNotVisible"), "1");
  const auto again = parse_json(send("f.fifo", "once", R"("MessageGroupId":"g")"));
  EXPECT_EQ(*again->find_string("SequenceNumber"), *first->find_string("SequenceNumber"));
  EXPECT_EQ(on("q", "DeleteMessage", with_handle(handle)), "{}");
  EXPECT_EQ(attribute("q", "ApproximateNumberOfMessagesNotVisible"), "0");
  send("q", "after");
  EXPECT_EQ(receive("q").size() + receive("q").size(), 20U);
}

TEST_F(MessagesTest, BodiesRestEncryptedUnlessTheQueueSaysNo) {
  create("sealed");
  create("plain", R"("SqsManagedSseEnabled":"false")");
  send("sealed", "sealed-canary");
  send("plain", "plain-canary");
  int sealed = 0;
  int plain = 0;
  world.store->begin()->scan("", "\xff", [&](std::string_view, std::string_view value) {
    sealed += contains(value, "sealed-canary") ? 1 : 0;
    plain += contains(value, "plain-canary") ? 1 : 0;
    return true;
  });
  EXPECT_EQ(sealed, 0);
  EXPECT_EQ(plain, 1);
  EXPECT_EQ(bodies("sealed"), Bodies{"sealed-canary"});
}

TEST_F(MessagesTest, DelayAndRetentionFollowTheQueue) {
  create("q", R"("DelaySeconds":"5","MessageRetentionPeriod":"60")");
  send("q", "queue's delay");
  send("q", "own", R"("DelaySeconds":0)");
  EXPECT_EQ(bodies("q", R"("MaxNumberOfMessages":10,"VisibilityTimeout":0)"), Bodies{"own"});
  EXPECT_EQ(attribute("q", "ApproximateNumberOfMessagesDelayed"), "1");
  world.advance(seconds(5));
  EXPECT_EQ(receive("q", R"("MaxNumberOfMessages":10,"VisibilityTimeout":0)").size(), 2U);
  world.advance(seconds(55));
  EXPECT_TRUE(receive("q").empty());
  EXPECT_EQ(attribute("q", "ApproximateNumberOfMessages"), "0");
}

TEST_F(MessagesTest, ALongPollAnswersWhenAMessageComesOrBecomesVisible) {
  create("q");
  std::optional<std::string> answer;
  Instant answered{};
  const auto poll = [&](int wait) {
    answer.reset();
    world.dispatcher->dispatch_json("sqs", "ReceiveMessage", service_caller("000000000000", "us-east-1", "test"),
                                    R"({"QueueUrl":")" + url_start + R"(q","WaitTimeSeconds":)" + std::to_string(wait) + "}",
                                    [&](Result<std::string> result) {
                                      answer = result.ok() ? *result : result.error().message;
                                      answered = world.lanes.now();
                                    });
    world.lanes.run_until_idle();
  };
  const auto begun = world.lanes.now();
  poll(20);
  EXPECT_FALSE(answer);
  world.advance(seconds(3));
  send("q", "x", R"("DelaySeconds":2)");
  EXPECT_FALSE(answer);
  world.advance(seconds(2));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answered, begun + seconds(5));
  EXPECT_NE(answer->find("\"Body\":\"x\""), std::string::npos);

  poll(10);
  world.advance(seconds(9));
  EXPECT_FALSE(answer);
  world.advance(seconds(1));
  EXPECT_EQ(answer, R"({})");
  poll(20);
  on("q", "DeleteQueue");
  EXPECT_EQ(answer, "The specified queue does not exist.");
}

TEST_F(MessagesTest, EveryMessageWakesOneOfThoseWhoWaitAndTheNextOneLooksAfterTheTime) {
  create("q");
  std::vector<std::string> answers;
  for (int i = 0; i < 5; ++i) {
    world.dispatcher->dispatch_json(
        "sqs", "ReceiveMessage", service_caller("000000000000", "us-east-1", "test"),
        R"({"QueueUrl":")" + url_start + R"(q","VisibilityTimeout":)" + std::to_string(i == 0 ? 3 : 300) + R"(,"WaitTimeSeconds":20})",
        [&](Result<std::string> result) { answers.push_back(result.ok() ? *result : result.error().message); });
    world.lanes.run_until_idle();
  }
  for (int i = 0; i < 2; ++i) send("q", "m" + std::to_string(i));
  EXPECT_EQ(answers.size(), 2U);
  world.advance(seconds(3));  // what the first one has taken is visible again
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_NE(answers[2].find(R"("Body":"m0")"), std::string::npos);
  send("q", "late", R"("DelaySeconds":4)");
  world.advance(seconds(4));
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_NE(answers[3].find(R"("Body":"late")"), std::string::npos);
  world.advance(seconds(12));
  EXPECT_EQ(answers.size(), 4U);
  world.advance(seconds(1));
  ASSERT_EQ(answers.size(), 5U);
  EXPECT_EQ(answers[4], "{}");
}

TEST_F(MessagesTest, PurgingEmptiesAQueueOnceAMinute) {
  create("q");
  for (int i = 0; i < 600; ++i) send("q", "x");
  receive("q");
  EXPECT_EQ(on("q", "PurgeQueue"), "{}");
  EXPECT_EQ(on("q", "PurgeQueue"), "PurgeQueueInProgress: Only one PurgeQueue operation on q is allowed every 60 seconds.");
  EXPECT_EQ(attribute("q", "ApproximateNumberOfMessages"), "0");
  EXPECT_EQ(attribute("q", "ApproximateNumberOfMessagesNotVisible"), "0");
  send("q", "after");
  world.advance(seconds(60));
  int rows = 0;
  world.store->begin()->scan("sqs/i", "sqs/j", [&](std::string_view, std::string_view) { return ++rows > 0; });
  EXPECT_EQ(rows, 1) << "the sweep has removed the rest";
  world.crash_and_restart();
  EXPECT_EQ(bodies("q"), Bodies{"after"});
}

TEST_F(MessagesTest, ADeletedQueueTakesItsMessagesWithIt) {
  create("q");
  send("q", "old");
  on("q", "DeleteQueue");
  world.advance(minutes(2));
  create("q");
  EXPECT_TRUE(receive("q").empty());
  int rows = 0;
  world.store->begin()->scan("sqs/b", "sqs/c", [&](std::string_view, std::string_view) { return ++rows > 0; });
  EXPECT_EQ(rows, 0);
}

// --- FIFO ----------------------------------------------------------------------------------------------------------------

TEST_F(MessagesTest, FifoMessagesNeedAGroupAndADeduplicationId) {
  create_fifo("f.fifo");
  EXPECT_EQ(send("f.fifo", "x"), "MissingRequiredParameterException: The request must contain the parameter MessageGroupId.");
  EXPECT_EQ(send("f.fifo", "x", R"("MessageGroupId":"g")"),
            "InvalidParameterValueException: The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId "
            "provided explicitly");
  EXPECT_EQ(send("f.fifo", "x", R"("MessageGroupId":"g","MessageDeduplicationId":"d","DelaySeconds":1)"),
            "InvalidParameterValueException: Value 1 for parameter DelaySeconds is invalid. Reason: The request include parameter that is "
            "not valid for this queue type.");
  EXPECT_EQ(send("f.fifo", "x", R"("MessageGroupId":"g g","MessageDeduplicationId":"d")").substr(0, 60),
            "InvalidParameterValueException: Value g g for parameter Mess");
}

TEST_F(MessagesTest, ADuplicateWithinFiveMinutesAnswersTheFirstMessageEvenWhenItIsDeleted) {
  create_fifo("f.fifo");
  const std::string ids = R"("MessageGroupId":"g","MessageDeduplicationId":"d")";
  const auto first = parse_json(send("f.fifo", "one", ids));
  EXPECT_EQ(first->find_string("SequenceNumber")->size(), 20U);
  const auto handle = receive_handle("f.fifo");
  EXPECT_EQ(on("f.fifo", "DeleteMessage", with_handle(handle)), "{}");
  world.advance(seconds(299));
  const auto again = parse_json(send("f.fifo", "two", ids));
  EXPECT_EQ(*again->find_string("MessageId"), *first->find_string("MessageId"));
  EXPECT_EQ(*again->find_string("SequenceNumber"), *first->find_string("SequenceNumber"));
  EXPECT_TRUE(receive("f.fifo").empty());
  world.advance(seconds(1));
  const auto later = parse_json(send("f.fifo", "three", ids));
  EXPECT_GT(*later->find_string("SequenceNumber"), *first->find_string("SequenceNumber"));
  EXPECT_EQ(bodies("f.fifo"), Bodies{"three"});
}

TEST_F(MessagesTest, DeduplicationByGroupTellsGroupsApart) {
  create_fifo("f.fifo",
              R"("ContentBasedDeduplication":"true","DeduplicationScope":"messageGroup","FifoThroughputLimit":"perMessageGroupId")");
  send("f.fifo", "x", R"("MessageGroupId":"a")");
  send("f.fifo", "x", R"("MessageGroupId":"b")");
  send("f.fifo", "x", R"("MessageGroupId":"a")");
  EXPECT_EQ(bodies("f.fifo"), (Bodies{"x", "x"}));
}

TEST_F(MessagesTest, AFifoHandleEndsWithItsVisibility) {
  create_fifo("f.fifo", R"("ContentBasedDeduplication":"true")");
  send("f.fifo", "x", R"("MessageGroupId":"g")");
  const auto handle = receive_handle("f.fifo", R"("VisibilityTimeout":5)");
  world.advance(seconds(5));
  EXPECT_EQ(on("f.fifo", "DeleteMessage", with_handle(handle)),
            "InvalidParameterValueException: Value " + handle +
                " for parameter ReceiptHandle is invalid. Reason: The receipt handle has "
                "expired.");
}

TEST_F(MessagesTest, AReceiveWithTheSameAttemptIdGetsTheSameBatchAgain) {
  create_fifo("f.fifo", R"("ContentBasedDeduplication":"true")");
  for (int i = 0; i < 3; ++i) send("f.fifo", "m" + std::to_string(i), R"("MessageGroupId":"g")");
  const std::string attempt = R"("MaxNumberOfMessages":2,"ReceiveRequestAttemptId":"try")";
  const auto first = receive("f.fifo", attempt);
  ASSERT_EQ(first.size(), 2U);
  world.advance(seconds(20));
  world.crash_and_restart();
  const auto again = receive("f.fifo", attempt);
  ASSERT_EQ(again.size(), 2U);
  EXPECT_EQ(*again[1].find_string("Body"), "m1");
  world.advance(seconds(20));
  EXPECT_EQ(receive("f.fifo").size(), 0U) << "the second attempt hid them anew";
  EXPECT_EQ(on("f.fifo", "DeleteMessage", with_handle(*again[0].find_string("ReceiptHandle"))), "{}");
  EXPECT_EQ(receive("f.fifo", attempt).size(), 0U) << "the batch is not what it was";
}

TEST_F(MessagesTest, SequenceNumbersGrowAcrossRestarts) {
  create_fifo("f.fifo", R"("ContentBasedDeduplication":"true")");
  std::string last;
  for (int i = 0; i < 5; ++i) {
    const auto sent = parse_json(send("f.fifo", "m" + std::to_string(i), R"("MessageGroupId":"g")"));
    EXPECT_GT(*sent->find_string("SequenceNumber"), last);
    last = *sent->find_string("SequenceNumber");
    world.crash_and_restart();
  }
}

// --- dead letters ----------------------------------------------------------------------------------------------------------

struct DeadLettersTest : MessagesTest {
  void SetUp() override {
    create("dead");
    create("q", R"("VisibilityTimeout":"1","RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:dead\",)"
                R"(\"maxReceiveCount\":2}")");
  }
  void exhaust() {
    for (int i = 0; i < 2; ++i) {
      receive("q");
      world.advance(seconds(1));
    }
    EXPECT_TRUE(receive("q").empty());
    world.lanes.run_until_idle();
  }
};

TEST_F(DeadLettersTest, WhatIsReceivedTooOftenMovesWithItsHistory) {
  const auto sent = parse_json(send("q", "poison", R"("MessageAttributes":{"a":{"DataType":"String","StringValue":"1"}})"));
  const auto sent_at = world.lanes.now();
  exhaust();
  EXPECT_EQ(attribute("q", "ApproximateNumberOfMessages"), "0");
  EXPECT_EQ(attribute("dead", "ApproximateNumberOfMessages"), "1");
  const auto dead = receive("dead", R"("MessageSystemAttributeNames":["All"],"MessageAttributeNames":["All"])");
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(*dead[0].find_string("MessageId"), *sent->find_string("MessageId"));
  EXPECT_EQ(*dead[0].find_path({"Attributes", "ApproximateReceiveCount"})->as_string(), "3");
  EXPECT_EQ(*dead[0].find_path({"Attributes", "SentTimestamp"})->as_string(), std::to_string(sent_at.ms()));
  EXPECT_EQ(*dead[0].find_path({"Attributes", "DeadLetterQueueSourceArn"})->as_string(), "arn:aws:sqs:us-east-1:000000000000:q");
  EXPECT_EQ(dead[0].find("MessageAttributes")->as_object()->size(), 1U);
}

TEST_F(DeadLettersTest, WithoutTheDeadLetterQueueMessagesAreDeliveredOn) {
  send("q", "poison");
  on("dead", "DeleteQueue");
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(receive("q").size(), 1U);
    world.advance(seconds(1));
  }
}

TEST_F(DeadLettersTest, AMoveTaskBringsThemBackAsNewMessages) {
  const auto sent = parse_json(send("q", "poison"));
  exhaust();
  const auto started = parse_json(call("StartMessageMoveTask", R"({"SourceArn":"arn:aws:sqs:us-east-1:000000000000:dead"})"));
  ASSERT_TRUE(started.ok());
  world.advance(seconds(2));
  EXPECT_EQ(attribute("dead", "ApproximateNumberOfMessages"), "0");
  const auto back = receive("q", R"("MessageSystemAttributeNames":["All"])");
  ASSERT_EQ(back.size(), 1U);
  EXPECT_NE(*back[0].find_string("MessageId"), *sent->find_string("MessageId"));
  EXPECT_EQ(*back[0].find_path({"Attributes", "ApproximateReceiveCount"})->as_string(), "1");
  const auto list = parse_json(call("ListMessageMoveTasks", R"({"SourceArn":"arn:aws:sqs:us-east-1:000000000000:dead"})"));
  const auto& task = list->find("Results")->as_array()->at(0);
  EXPECT_EQ(*task.find_string("Status"), "COMPLETED");
  EXPECT_EQ(task.find("ApproximateNumberOfMessagesMoved")->as_integer(), 1);
  EXPECT_EQ(call("StartMessageMoveTask", R"({"SourceArn":"arn:aws:sqs:us-east-1:000000000000:q"})"),
            "InvalidParameterValueException: Source queue must be configured as a Dead Letter Queue.");
}

TEST_F(DeadLettersTest, AMoveTaskKeepsItsRateAndCanBeCancelled) {
  for (int i = 0; i < 30; ++i) send("q", "poison");
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 3; ++i) receive("q");
    world.advance(seconds(1));
  }
  EXPECT_TRUE(receive("q").empty());
  create("elsewhere");
  const auto started =
      parse_json(call("StartMessageMoveTask", R"({"SourceArn":"arn:aws:sqs:us-east-1:000000000000:dead","MaxNumberOfMessagesPerSecond":5,)"
                                              R"("DestinationArn":"arn:aws:sqs:us-east-1:000000000000:elsewhere"})"));
  ASSERT_TRUE(started.ok());
  EXPECT_EQ(call("StartMessageMoveTask", R"({"SourceArn":"arn:aws:sqs:us-east-1:000000000000:dead"})").substr(0, 71),
            "InvalidParameterValueException: There is already a task running. Only o");
  world.advance(milliseconds(2'050));
  EXPECT_EQ(attribute("elsewhere", "ApproximateNumberOfMessages"), "11");
  const auto cancelled = parse_json(call("CancelMessageMoveTask", R"({"TaskHandle":")" + *started->find_string("TaskHandle") + "\"}"));
  ASSERT_TRUE(cancelled.ok());
  EXPECT_EQ(cancelled->find("ApproximateNumberOfMessagesMoved")->as_integer(), 11);
  world.advance(seconds(5));
  EXPECT_EQ(attribute("elsewhere", "ApproximateNumberOfMessages"), "11");
  EXPECT_EQ(attribute("dead", "ApproximateNumberOfMessages"), "19");
}

// --- records ---------------------------------------------------------------------------------------------------------------

TEST(ReceiptHandles, ComeBackAndAreRecognised) {
  const ReceiptHandle handle{.storage_id = 77, .sequence = 1ULL << 40, .receive_count = 3, .slot = 9};
  const auto text = to_text(handle);
  EXPECT_EQ(text.size(), 40U);
  const auto parsed = parse_receipt_handle(text);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->sequence, handle.sequence);
  EXPECT_EQ(parsed->receive_count, 3U);
  EXPECT_FALSE(parse_receipt_handle("nonsense"));
  EXPECT_FALSE(parse_receipt_handle(std::string(40, 'A')));
}

TEST(BodyRecords, DamageIsNoticedAtEveryByte) {
  const Vault vault(Secret<std::string>(std::string(32, 'k')));
  BodyRecord frame;
  frame.sender_id = "AIDA";
  Map<MessageAttributeValue> attributes;
  attributes["name"] = text_value("value");
  const BodyPlace place{.storage_id = 1, .sequence = 2};
  for (const auto* used : {static_cast<const Vault*>(nullptr), &vault}) {
    const auto record = body_record(frame, {.attributes = attributes, .body = "body"}, used, place);
    const auto read = read_body_record(record, vault, place);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->body, "body");
    EXPECT_EQ(read->attributes.at("name").StringValue, "value");
    for (std::size_t size = 0; size < record.size(); ++size) EXPECT_FALSE(read_body_record(record.substr(0, size), vault, place)) << size;
  }
  const auto sealed = body_record(frame, {.attributes = attributes, .body = "body"}, &vault, place);
  EXPECT_FALSE(read_body_record(sealed, vault, {.storage_id = 1, .sequence = 3})) << "a record belongs where it was written";
}

}  // namespace
}  // namespace surgetank::sqs
