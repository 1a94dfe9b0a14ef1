// Queue administration through the whole kernel: names, attributes, idempotence, deletion, listings, permissions, tags.
#include <gtest/gtest.h>

#include "kernel/record.h"
#include "kernel/test_world.h"
#include "services/sqs/keys.h"
#include "services/sqs/queue_record.h"
#include "services/sqs/service.h"
#include "services/sqs/settings.h"

namespace surgetank::sqs {
namespace {

const std::string account_url = "http://127.0.0.1:4566/000000000000/";

class Queues : public ::testing::Test {
 protected:
  Queues() { world.ports.base_url = "http://127.0.0.1:4566"; }
  std::string call(std::string_view operation, std::string_view input) { return world.call("sqs", operation, input); }
  std::string create(const std::string& name, const std::string& attributes = "") {
    return call("CreateQueue", R"({"QueueName":")" + name + R"(","Attributes":{)" + attributes + "}}");
  }
  std::string set(const std::string& name, const std::string& attributes) {
    return call("SetQueueAttributes", R"({"QueueUrl":")" + account_url + name + R"(","Attributes":{)" + attributes + "}}");
  }
  std::string attribute(const std::string& name, const std::string& attribute) {
    return call("GetQueueAttributes", R"({"QueueUrl":")" + account_url + name + R"(","AttributeNames":[")" + attribute + R"("]})");
  }
  std::string on(std::string_view operation, const std::string& name, const std::string& more = "") {
    return call(operation, R"({"QueueUrl":")" + account_url + name + "\"" + more + "}");
  }
  static std::string redrive(const std::string& arn, const std::string& count = "3") {
    return R"("RedrivePolicy":"{\"deadLetterTargetArn\":\")" + arn + R"(\",\"maxReceiveCount\":)" + count + R"(}")";
  }

  TestWorld world{{&service}};
};

const std::string arn = "arn:aws:sqs:us-east-1:000000000000:";

TEST_F(Queues, ANewQueueHasTheDefaultsOfAws) {
  EXPECT_EQ(create("q"), R"({"QueueUrl":"http://127.0.0.1:4566/000000000000/q"})");
  const auto now = std::to_string(world.lanes.now().epoch_seconds());
  EXPECT_EQ(attribute("q", "All"),
            R"({"Attributes":{"ApproximateNumberOfMessages":"0","ApproximateNumberOfMessagesDelayed":"0",)"
            R"("ApproximateNumberOfMessagesNotVisible":"0","CreatedTimestamp":")" +
                now + R"(","DelaySeconds":"0","LastModifiedTimestamp":")" + now +
                R"(","MaximumMessageSize":"1048576","MessageRetentionPeriod":"345600","QueueArn":"arn:aws:sqs:us-east-1:000000000000:q",)"
                R"("ReceiveMessageWaitTimeSeconds":"0","SqsManagedSseEnabled":"true","VisibilityTimeout":"30"}})");
}

TEST_F(Queues, AFifoQueueShowsItsOwnAttributes) {
  create("q.fifo", R"("FifoQueue":"true")");
  EXPECT_EQ(attribute("q.fifo", "FifoQueue"), R"({"Attributes":{"FifoQueue":"true"}})");
  EXPECT_EQ(attribute("q.fifo", "DeduplicationScope"), R"({"Attributes":{"DeduplicationScope":"queue"}})");
  EXPECT_EQ(attribute("q.fifo", "FifoThroughputLimit"), R"({"Attributes":{"FifoThroughputLimit":"perQueue"}})");
  EXPECT_EQ(attribute("q.fifo", "ContentBasedDeduplication"), R"({"Attributes":{"ContentBasedDeduplication":"false"}})");
}

TEST_F(Queues, NameAndFifoQueueMustAgree) {
  const std::string plain =
      "InvalidParameterValueException: Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
  EXPECT_EQ(create("q.fifo"), plain);
  EXPECT_EQ(create(""), plain);
  EXPECT_EQ(create("a b"), plain);
  EXPECT_EQ(create(std::string(81, 'a')), plain);
  EXPECT_TRUE(create(std::string(80, 'a')).starts_with("{"));
  const std::string fifo =
      "InvalidParameterValueException: The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must "
      "end "
      "with .fifo suffix and be 1 to 80 in length.";
  EXPECT_EQ(create("q", R"("FifoQueue":"true")"), fifo);
  EXPECT_EQ(create(".fifo", R"("FifoQueue":"true")"), fifo);
  EXPECT_EQ(create(std::string(76, 'a') + ".fifo", R"("FifoQueue":"true")"), fifo);
  EXPECT_TRUE(create(std::string(75, 'a') + ".fifo", R"("FifoQueue":"true")").starts_with("{"));
}

TEST_F(Queues, EveryNumberHasItsBounds) {
  const struct {
    std::string name;
    std::int64_t least;
    std::int64_t most;
  } cases[] = {{"DelaySeconds", 0, 900},
               {"KmsDataKeyReusePeriodSeconds", 60, 86'400},
               {"MaximumMessageSize", 1024, 1'048'576},
               {"MessageRetentionPeriod", 60, 1'209'600},
               {"ReceiveMessageWaitTimeSeconds", 0, 20},
               {"VisibilityTimeout", 0, 43'200}};
  create("q");
  for (const auto& [name, least, most] : cases) {
    const auto with = [&](const std::string& value) { return set("q", "\"" + name + "\":\"" + value + "\""); };
    EXPECT_EQ(with(std::to_string(least)), "{}") << name;
    EXPECT_EQ(with(std::to_string(most)), "{}") << name;
    const auto refusal = "InvalidAttributeValue: Invalid value for the parameter " + name + ".";
    EXPECT_EQ(with(std::to_string(least - 1)), refusal);
    EXPECT_EQ(with(std::to_string(most + 1)), refusal);
    EXPECT_EQ(with("1x"), refusal);
    EXPECT_EQ(with(""), refusal);
  }
}

TEST_F(Queues, UnknownAttributesAreNamed) {
  EXPECT_EQ(create("q", R"("Colour":"red")"), "InvalidAttributeName: Unknown Attribute Colour.");
  EXPECT_EQ(create("q", R"("QueueArn":"x")"), "InvalidAttributeName: Unknown Attribute QueueArn.");
  EXPECT_EQ(create("q", R"("FifoQueue":"false")"), "InvalidAttributeName: Unknown Attribute FifoQueue.");
  EXPECT_EQ(create("q", R"("ContentBasedDeduplication":"true")"), "InvalidAttributeName: Unknown Attribute ContentBasedDeduplication.");
  create("q");
  EXPECT_EQ(attribute("q", "Colour"), "InvalidAttributeName: Unknown Attribute Colour.");
  EXPECT_EQ(attribute("q", "FifoQueue"), "{}") << "an attribute that the queue does not have is left out";
  EXPECT_EQ(on("GetQueueAttributes", "q"), "{}") << "no names, no attributes";
}

TEST_F(Queues, CreatingAgainWithTheSameAttributesGivesTheSameQueue) {
  const auto url = create("q", R"("VisibilityTimeout":"60","Policy":"{\"Statement\":[]}")");
  EXPECT_EQ(create("q"), url);
  EXPECT_EQ(create("q", R"("VisibilityTimeout":"060","Policy":"{ \"Statement\": [] }","DelaySeconds":"0")"), url);
  EXPECT_EQ(create("q", R"("VisibilityTimeout":"61")"),
            "QueueNameExists: A queue already exists with the same name and a different value for attribute VisibilityTimeout");
}

TEST_F(Queues, ChangesAreStoredAndTimed) {
  create("q", R"("DelaySeconds":"5")");
  world.advance(seconds(10));
  EXPECT_EQ(set("q", R"("VisibilityTimeout":"0007")"), "{}");
  EXPECT_EQ(attribute("q", "VisibilityTimeout"), R"({"Attributes":{"VisibilityTimeout":"7"}})");
  EXPECT_EQ(attribute("q", "DelaySeconds"), R"({"Attributes":{"DelaySeconds":"5"}})");
  EXPECT_EQ(attribute("q", "LastModifiedTimestamp"),
            R"({"Attributes":{"LastModifiedTimestamp":")" + std::to_string(world.lanes.now().epoch_seconds()) + R"("}})");
  EXPECT_EQ(set("q", ""), "MissingRequiredParameterException: The request must contain the parameter Attribute.Name.");
  world.crash_and_restart();
  EXPECT_EQ(attribute("q", "VisibilityTimeout"), R"({"Attributes":{"VisibilityTimeout":"7"}})");
}

TEST_F(Queues, ARefusedChangeChangesNothing) {
  create("q");
  EXPECT_TRUE(set("q", R"("DelaySeconds":"9","VisibilityTimeout":"x")").starts_with("InvalidAttributeValue"));
  EXPECT_EQ(attribute("q", "DelaySeconds"), R"({"Attributes":{"DelaySeconds":"0"}})");
}

TEST_F(Queues, OneKindOfEncryptionDisplacesTheOther) {
  create("q", R"("KmsMasterKeyId":"alias/aws/sqs")");
  EXPECT_EQ(attribute("q", "SqsManagedSseEnabled"), R"({"Attributes":{"SqsManagedSseEnabled":"false"}})");
  EXPECT_EQ(attribute("q", "KmsDataKeyReusePeriodSeconds"), R"({"Attributes":{"KmsDataKeyReusePeriodSeconds":"300"}})");
  EXPECT_EQ(set("q", R"("SqsManagedSseEnabled":"true")"), "{}");
  EXPECT_EQ(attribute("q", "KmsMasterKeyId"), "{}");
  EXPECT_EQ(attribute("q", "KmsDataKeyReusePeriodSeconds"), "{}");
  EXPECT_EQ(set("q", R"("SqsManagedSseEnabled":"true","KmsMasterKeyId":"k")"),
            "InvalidAttributeValue: You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or "
            "SQS SSE.");
}

TEST_F(Queues, TheTypeOfAQueueDoesNotChange) {
  create("q.fifo", R"("FifoQueue":"true")");
  EXPECT_EQ(set("q.fifo", R"("FifoQueue":"false")"),
            "InvalidAttributeValue: Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.");
  EXPECT_EQ(set("q.fifo", R"("FifoQueue":"true","ContentBasedDeduplication":"True")"), "{}");
  EXPECT_EQ(attribute("q.fifo", "ContentBasedDeduplication"), R"({"Attributes":{"ContentBasedDeduplication":"true"}})");
}

TEST_F(Queues, HighThroughputNeedsDeduplicationPerGroup) {
  create("q.fifo", R"("FifoQueue":"true")");
  EXPECT_TRUE(set("q.fifo", R"("FifoThroughputLimit":"perMessageGroupId")").starts_with("InvalidAttributeValue"));
  EXPECT_EQ(set("q.fifo", R"("FifoThroughputLimit":"perMessageGroupId","DeduplicationScope":"messageGroup")"), "{}");
  EXPECT_TRUE(set("q.fifo", R"("DeduplicationScope":"queue")").starts_with("InvalidAttributeValue"));
  EXPECT_EQ(set("q.fifo", R"("DeduplicationScope":"all")"), "InvalidAttributeValue: Invalid value for the parameter DeduplicationScope.");
}

TEST_F(Queues, TheDeadLetterQueueMustExistAndBeOfTheSameKindAndOwner) {
  create("dead");
  create("dead.fifo", R"("FifoQueue":"true")");
  create("q");
  EXPECT_EQ(set("q", redrive(arn + "dead")), "{}");
  const auto refused = [&](const std::string& target, const std::string& count = "3") {
    const auto answer = set("q", redrive(target, count));
    EXPECT_TRUE(answer.starts_with("InvalidParameterValueException: Value {")) << answer;
    const std::string mark = "RedrivePolicy is invalid. Reason: ";
    return answer.find(mark) == std::string::npos ? answer : answer.substr(answer.find(mark) + mark.size());
  };
  EXPECT_EQ(refused(arn + "none"), "Dead letter target does not exist.");
  EXPECT_EQ(refused(arn + "dead.fifo"), "Dead-letter queue must be same type of queue as the source.");
  EXPECT_EQ(refused("arn:aws:sqs:us-east-1:111111111111:dead"), "Dead letter target owner should be same as the source.");
  EXPECT_EQ(refused("arn:aws:sqs:eu-west-1:000000000000:dead"), "Dead letter target should be in same region as the source.");
  EXPECT_EQ(refused("dead"), "Invalid value for deadLetterTargetArn.");
  EXPECT_EQ(refused(arn + "dead", "0"), "Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive.");
  EXPECT_EQ(refused(arn + "dead", "1001"), "Invalid value for maxReceiveCount: 1001, valid values are from 1 to 1000 both inclusive.");
  EXPECT_TRUE(set("q", R"("RedrivePolicy":"{\"maxReceiveCount\":1}")")
                  .ends_with("Reason: Redrive policy does not contain mandatory attribute: deadLetterTargetArn."));
  EXPECT_TRUE(set("q", R"("RedrivePolicy":"[]")").ends_with("Reason: Redrive policy is not a valid JSON map."));
  EXPECT_EQ(set("q", R"("RedrivePolicy":"")"), "{}");
  EXPECT_EQ(attribute("q", "RedrivePolicy"), "{}");
}

TEST_F(Queues, ADeadLetterQueueMayChooseItsSources) {
  create("dead", R"("RedriveAllowPolicy":"{\"redrivePermission\":\"byQueue\",\"sourceQueueArns\":[\")" + arn + R"(good\"]}")");
  EXPECT_TRUE(create("good", redrive(arn + "dead")).starts_with("{"));
  EXPECT_TRUE(create("bad", redrive(arn + "dead")).starts_with("InvalidParameterValueException"));
  set("dead", R"("RedriveAllowPolicy":"{\"redrivePermission\":\"denyAll\"}")");
  EXPECT_TRUE(create("third", redrive(arn + "dead")).starts_with("InvalidParameterValueException"));
  EXPECT_TRUE(set("dead", R"("RedriveAllowPolicy":"{\"redrivePermission\":\"some\"}")").starts_with("InvalidParameterValueException"));
  EXPECT_TRUE(set("dead", R"("RedriveAllowPolicy":"{\"redrivePermission\":\"byQueue\"}")").starts_with("InvalidParameterValueException"));
}

TEST_F(Queues, SourcesOfADeadLetterQueueAreListedInPages) {
  create("dead");
  for (const auto* name : {"c", "a", "b"}) create(name, redrive(arn + "dead"));
  create("other");
  EXPECT_EQ(on("ListDeadLetterSourceQueues", "other"), R"({"queueUrls":[]})");
  EXPECT_EQ(on("ListDeadLetterSourceQueues", "dead", R"(,"MaxResults":2)"),
            R"({"queueUrls":["http://127.0.0.1:4566/000000000000/a","http://127.0.0.1:4566/000000000000/b"],"NextToken":"Yg=="})");
  EXPECT_EQ(on("ListDeadLetterSourceQueues", "dead", R"(,"MaxResults":2,"NextToken":"Yg==")"),
            R"({"queueUrls":["http://127.0.0.1:4566/000000000000/c"]})");
}

TEST_F(Queues, QueuesAreListedByPrefixInPages) {
  EXPECT_EQ(call("ListQueues", "{}"), "{}");
  for (const auto* name : {"b-1", "a-1", "a-2"}) create(name);
  EXPECT_EQ(call("ListQueues", R"({"QueueNamePrefix":"a-","MaxResults":1})"),
            R"({"QueueUrls":["http://127.0.0.1:4566/000000000000/a-1"],"NextToken":"YS0x"})");
  EXPECT_EQ(call("ListQueues", R"({"QueueNamePrefix":"a-","MaxResults":1,"NextToken":"YS0x"})"),
            R"({"QueueUrls":["http://127.0.0.1:4566/000000000000/a-2"]})");
  EXPECT_EQ(
      call("ListQueues", R"({"MaxResults":1001})"),
      "InvalidParameterValueException: Value 1001 for parameter MaxResults is invalid. Reason: Must be between 1 and 1000, if provided.");
  EXPECT_EQ(call("ListQueues", R"({"NextToken":"?"})"), "InvalidParameterValueException: Invalid or expired next token.");
}

TEST_F(Queues, AQueueIsFoundByNameAndUrlWhateverTheHost) {
  create("q");
  EXPECT_EQ(call("GetQueueUrl", R"({"QueueName":"q"})"), R"({"QueueUrl":"http://127.0.0.1:4566/000000000000/q"})");
  EXPECT_EQ(call("GetQueueUrl", R"({"QueueName":"none"})"), "QueueDoesNotExist: The specified queue does not exist.");
  EXPECT_EQ(call("GetQueueUrl", R"({"QueueName":"q","QueueOwnerAWSAccountId":"111111111111"})"),
            "QueueDoesNotExist: The specified queue does not exist.");
  EXPECT_EQ(call("ListQueueTags", R"({"QueueUrl":"https://sqs.us-east-1.amazonaws.com/000000000000/q"})"), "{}");
  EXPECT_EQ(call("ListQueueTags", R"({"QueueUrl":"/000000000000/q"})"), "{}");
  EXPECT_EQ(call("ListQueueTags", R"({"QueueUrl":"http://h/111111111111/q"})"),
            "AccessDeniedException: Access to the resource http://h/111111111111/q is denied.");
  EXPECT_EQ(call("ListQueueTags", R"({"QueueUrl":"q"})"), "InvalidAddress: The address q is not valid for this endpoint.");
  EXPECT_EQ(on("ListQueueTags", "none"), "QueueDoesNotExist: The specified queue does not exist.");
}

TEST_F(Queues, QueuesOfOtherRegionsAndAccountsAreOthers) {
  create("q");
  Caller elsewhere;
  elsewhere.account = "000000000000";
  elsewhere.region = "eu-west-1";
  EXPECT_EQ(world.call_as(elsewhere, "sqs", "GetQueueUrl", R"({"QueueName":"q"})"),
            "QueueDoesNotExist: The specified queue does not exist.");
}

TEST_F(Queues, ANameIsFreeSixtySecondsAfterItsDeletion) {
  create("q", R"("DelaySeconds":"5")");
  EXPECT_EQ(on("DeleteQueue", "q"), "{}");
  EXPECT_EQ(on("DeleteQueue", "q"), "QueueDoesNotExist: The specified queue does not exist.");
  world.advance(seconds(59));
  EXPECT_EQ(create("q"),
            "QueueDeletedRecently: You must wait 60 seconds after deleting a queue before you can create another with the same name.");
  world.advance(seconds(1));
  EXPECT_TRUE(create("q").starts_with("{"));
  EXPECT_EQ(attribute("q", "DelaySeconds"), R"({"Attributes":{"DelaySeconds":"0"}})");
}

TEST_F(Queues, NothingIsKeptOfADeletedQueue) {
  const auto records = [&] {
    std::size_t count = 0;
    world.store->begin()->scan("sqs/", prefix_end("sqs/"), [&](std::string_view, std::string_view) {
      ++count;
      return true;
    });
    return count;
  };
  create("q");
  on("DeleteQueue", "q");
  world.advance(seconds(70));
  EXPECT_EQ(records(), 0U);
}

TEST_F(Queues, PermissionsEditThePolicy) {
  create("q");
  const auto add = [&](const std::string& label, const std::string& accounts, const std::string& actions) {
    return on("AddPermission", "q", R"(,"Label":")" + label + R"(","AWSAccountIds":[)" + accounts + R"(],"Actions":[)" + actions + "]");
  };
  EXPECT_EQ(add("one", R"("111111111111")", R"("SendMessage")"), "{}");
  EXPECT_EQ(add("two", R"("111111111111","222222222222")", R"("SendMessage","ReceiveMessage")"), "{}");
  EXPECT_EQ(add("one", R"("111111111111")", R"("*")"),
            "InvalidParameterValueException: Value one for parameter Label is invalid. Reason: Already exists.");
  EXPECT_EQ(
      attribute("q", "Policy"),
      R"({"Attributes":{"Policy":"{\"Version\":\"2008-10-17\",\"Id\":\"arn:aws:sqs:us-east-1:000000000000:q/SQSDefaultPolicy\",)"
      R"(\"Statement\":[{\"Sid\":\"one\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::111111111111:root\"},)"
      R"(\"Action\":\"SQS:SendMessage\",\"Resource\":\"arn:aws:sqs:us-east-1:000000000000:q\"},{\"Sid\":\"two\",\"Effect\":\"Allow\",)"
      R"(\"Principal\":{\"AWS\":[\"arn:aws:iam::111111111111:root\",\"arn:aws:iam::222222222222:root\"]},)"
      R"(\"Action\":[\"SQS:SendMessage\",\"SQS:ReceiveMessage\"],\"Resource\":\"arn:aws:sqs:us-east-1:000000000000:q\"}]}"}})");
  EXPECT_EQ(on("RemovePermission", "q", R"(,"Label":"one")"), "{}");
  EXPECT_EQ(on("RemovePermission", "q", R"(,"Label":"one")"),
            "InvalidParameterValueException: Value one for parameter Label is invalid. Reason: can't find label.");
  EXPECT_EQ(on("RemovePermission", "q", R"(,"Label":"two")"), "{}");
  EXPECT_EQ(attribute("q", "Policy"), "{}");
}

TEST_F(Queues, PermissionsAreChecked) {
  create("q");
  const auto add = [&](const std::string& accounts, const std::string& actions) {
    return on("AddPermission", "q", R"(,"Label":"l","AWSAccountIds":[)" + accounts + R"(],"Actions":[)" + actions + "]");
  };
  EXPECT_EQ(add("", R"("*")"), "MissingRequiredParameterException: The request must contain the parameter AWSAccountIds.");
  EXPECT_EQ(add(R"("111111111111")", ""), "MissingRequiredParameterException: The request must contain the parameter Actions.");
  EXPECT_EQ(add(R"("me")", R"("*")"),
            "InvalidParameterValueException: Value me for parameter PrincipalId is invalid. Reason: Unable to verify.");
  EXPECT_EQ(add(R"("111111111111")", R"("CreateQueue")"),
            "InvalidParameterValueException: Value SQS:CreateQueue for parameter ActionName is invalid. Reason: Only the queue owner is "
            "allowed to invoke this action.");
  EXPECT_TRUE(
      add(R"("111111111111")", R"("SendMessageBatch")").ends_with("Please refer to the appropriate WSDL for a list of valid actions."));
  EXPECT_EQ(add(R"("111111111111")", R"("*","*","*","*","*","*","*","*")"), "OverLimit: 8 Actions were found, maximum allowed is 7.");
}

TEST_F(Queues, PoliciesAreCheckedForTheirForm) {
  create("q");
  const auto with = [&](const std::string& policy) { return set("q", R"("Policy":")" + policy + "\""); };
  EXPECT_TRUE(with("no").starts_with("InvalidAttributeValue: Invalid value for the parameter Policy."));
  EXPECT_TRUE(with("{}").starts_with("InvalidAttributeValue: Invalid value for the parameter Policy."));
  EXPECT_TRUE(
      with(R"({\"Statement\":[{\"Effect\":\"Maybe\",\"Principal\":\"*\",\"Action\":\"*\"}]})").starts_with("InvalidAttributeValue"));
  EXPECT_EQ(with(R"({\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}})"), "{}");
  EXPECT_TRUE(with(R"({\"Id\":\")" + std::string(8192, 'x') + R"(\",\"Statement\":[]})").starts_with("InvalidAttributeValue"));
}

TEST_F(Queues, TagsAreLimited) {
  EXPECT_TRUE(call("CreateQueue", R"({"QueueName":"q","tags":{"a":"1"}})").starts_with("{"));
  EXPECT_EQ(on("TagQueue", "q", R"(,"Tags":{"a":"2","b":""})"), "{}");
  EXPECT_EQ(on("ListQueueTags", "q"), R"({"Tags":{"a":"2","b":""}})");
  EXPECT_EQ(on("UntagQueue", "q", R"(,"TagKeys":["a","none"])"), "{}");
  EXPECT_EQ(on("ListQueueTags", "q"), R"({"Tags":{"b":""}})");
  EXPECT_EQ(on("TagQueue", "q"), "MissingRequiredParameterException: The request must contain the parameter Tags.");
  EXPECT_TRUE(on("TagQueue", "q", R"(,"Tags":{"aws:x":""})").starts_with("InvalidParameterValueException"));
  EXPECT_TRUE(on("TagQueue", "q", R"(,"Tags":{"":""})").starts_with("InvalidParameterValueException"));
  std::string many;
  for (int i = 0; i < 50; ++i) many += (i == 0 ? "" : ",") + ("\"k" + std::to_string(i) + "\":\"\"");
  EXPECT_EQ(on("TagQueue", "q", ",\"Tags\":{" + many + "}"), "InvalidParameterValueException: Too many tags added for queue q.");
}

TEST_F(Queues, SettingsAreTheDecodedAttributes) {
  create("dead.fifo", R"("FifoQueue":"true")");
  create("q.fifo", R"("FifoQueue":"true","DelaySeconds":"5","VisibilityTimeout":"0","MaximumMessageSize":"1024",)"
                   R"("ReceiveMessageWaitTimeSeconds":"20","MessageRetentionPeriod":"60","ContentBasedDeduplication":"true",)"
                   R"("DeduplicationScope":"messageGroup","FifoThroughputLimit":"perMessageGroupId","KmsMasterKeyId":"k",)" +
                       redrive(arn + "dead.fifo", "\\\"7\\\""));
  Caller caller;
  caller.account = "000000000000";
  caller.region = "us-east-1";
  const auto txn = world.store->begin();
  const auto record = get_record<QueueRecord>(*txn, keys::queue(caller, "q.fifo"));
  ASSERT_TRUE(record);
  const auto settings = decode_settings(*record, caller);
  EXPECT_TRUE(settings.is_fifo());
  EXPECT_EQ(settings.arn, arn + "q.fifo");
  EXPECT_EQ(settings.delay, seconds(5));
  EXPECT_EQ(settings.visibility_timeout, seconds(0));
  EXPECT_EQ(settings.maximum_message_bytes, 1024U);
  EXPECT_EQ(settings.receive_wait, seconds(20));
  EXPECT_EQ(settings.retention, seconds(60));
  EXPECT_EQ(settings.body_deduplication, BodyDeduplication::ContentBased);
  EXPECT_EQ(settings.deduplication_scope, DeduplicationScope::MessageGroup);
  EXPECT_EQ(settings.throughput_limit, ThroughputLimit::PerMessageGroupId);
  EXPECT_EQ(settings.encryption, BodyEncryption::Kms);
  ASSERT_TRUE(settings.redrive);
  EXPECT_EQ(settings.redrive->target_name, "dead.fifo");
  EXPECT_EQ(settings.redrive->maximum_receives, 7);
}

TEST(QueueName, IsTheLastPartOfWhatAClientSays) {
  EXPECT_EQ(queue_name_of("orders"), "orders");
  EXPECT_EQ(queue_name_of("arn:aws:sqs:us-east-1:000000000000:orders"), "orders");
  EXPECT_EQ(queue_name_of("http://localhost:4566/000000000000/orders"), "orders");
  EXPECT_EQ(queue_name_of("/000000000000/orders.fifo/"), "orders.fifo");
  EXPECT_EQ(queue_name_of("eyJ0YXNrSWQiOiIxMTExMTExMS0xMTExLTQxMTEtODExMS0xMTExMTExMTExMTEiLCJzb3VyY2VBcm4iOiJhcm46YXdzOnNxczp1cy1lYXN0LTE6"
                          "MDAwMDAwMDAwMDAwOmRlYWQifQ=="),
            "dead");
  EXPECT_EQ(queue_name_of("eyJ0YXNrSWQiOiJ0Iiwic291cmNlQXJuIjoiYXJuOmF3czpzcXM6cjphOmRlYWQifQ"),
            "eyJ0YXNrSWQiOiJ0Iiwic291cmNlQXJuIjoiYXJuOmF3czpzcXM6cjphOmRlYWQifQ")
      << "a queue may have this name";
  EXPECT_EQ(queue_name_of("arn:host/000000000000/orders"), "orders") << "parse_queue_url takes it for a path";
  EXPECT_EQ(queue_name_of("http://host"), "");
}

}  // namespace
}  // namespace surgetank::sqs
