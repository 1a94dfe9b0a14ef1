#include <gtest/gtest.h>

#include "kernel/admission.h"
#include "probe_check.h"
#include "services/sqs/quotas.h"
#include "wire/json_value.h"

namespace surgetank {
namespace {

namespace quotas = sqs::quotas;

constexpr std::string_view base_url = "http://127.0.0.1:4566/000000000000/";

std::string url(std::string_view queue) { return R"("QueueUrl":")" + std::string(base_url) + std::string(queue) + "\""; }
std::string ask(ProbeBench& bench, std::string_view operation, const std::string& input) { return bench.call("sqs", operation, input); }
void make_queue(ProbeBench& bench, const std::string& name, const std::string& attributes = "") {
  bench.make("sqs", "CreateQueue", R"({"QueueName":")" + name + R"(","Attributes":{)" + attributes + "}}");
}
std::string send_to_group(ProbeBench& bench, const std::string& group, std::int64_t number) {
  return ask(bench, "SendMessage",
             "{" + url("q.fifo") + R"(,"MessageBody":"b","MessageGroupId":")" + group + R"(","MessageDeduplicationId":")" + group +
                 std::to_string(number) + "\"}");
}

constexpr std::string_view throttled = "RequestThrottled: Request is throttled.";

void fifo_requests(const QuotaRow& row) {
  ProbeBench bench;
  make_queue(bench, "q.fifo", R"("FifoQueue":"true")");
  bench.set(row, 3);
  const auto receive = [&] { return ask(bench, "ReceiveMessage", "{" + url("q.fifo") + "}"); };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(send_to_group(bench, "g", i).substr(0, 1), "{");
  EXPECT_EQ(send_to_group(bench, "g", 3), throttled);
  EXPECT_EQ(bench.rejections(row), 1);
  // Each action has a bucket of its own, and each refills.
  EXPECT_EQ(receive().substr(0, 1), "{");
  bench.world.advance(seconds(1));
  EXPECT_EQ(send_to_group(bench, "g", 3).substr(0, 1), "{");
  // A batch is one request.
  bench.world.advance(seconds(1));
  std::string entries;
  for (int i = 0; i < 10; ++i) {
    const auto id = std::to_string(i);
    entries += (i == 0 ? "" : ",") +
               (R"({"Id":"e)" + id + R"(","MessageBody":"b","MessageGroupId":"g","MessageDeduplicationId":"batch)" + id + "\"}");
  }
  const auto batch = [&] { return ask(bench, "SendMessageBatch", "{" + url("q.fifo") + R"(,"Entries":[)" + entries + "]}"); };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(batch().substr(0, 1), "{");
  EXPECT_EQ(batch(), throttled);
}

void make_high_throughput_queue(ProbeBench& bench) {
  make_queue(bench, "q.fifo", R"("FifoQueue":"true","DeduplicationScope":"messageGroup","FifoThroughputLimit":"perMessageGroupId")");
}

void fifo_high_throughput_requests(const QuotaRow& row) {
  ProbeBench bench;
  make_high_throughput_queue(bench);
  bench.set(row, 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(send_to_group(bench, "g" + std::to_string(i), 0).substr(0, 1), "{");
  EXPECT_EQ(send_to_group(bench, "g4", 0), throttled);
  EXPECT_EQ(bench.rejections(row), 1);
}

void fifo_group_requests(const QuotaRow& row) {
  ProbeBench bench;
  make_high_throughput_queue(bench);
  bench.set(row, 2);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(send_to_group(bench, "busy", i).substr(0, 1), "{");
  EXPECT_EQ(send_to_group(bench, "busy", 2), throttled);
  EXPECT_EQ(send_to_group(bench, "calm", 0).substr(0, 1), "{");
  EXPECT_EQ(bench.rejections(row), 1);
}

void in_flight(const QuotaRow& row) {
  ProbeBench bench;
  make_queue(bench, "q");
  bench.set(row, 2);
  for (int i = 0; i < 3; ++i) bench.make("sqs", "SendMessage", "{" + url("q") + R"(,"MessageBody":"b"})");
  const auto receive = [&](const std::string& more) { return ask(bench, "ReceiveMessage", "{" + url("q") + more + "}"); };
  const auto two = receive(R"(,"MaxNumberOfMessages":10)");
  EXPECT_NE(two.find("MessageId"), two.rfind("MessageId"));
  EXPECT_EQ(receive(""), "OverLimit: Too many messages in flight. The limit of this queue is 2.");
  EXPECT_EQ(bench.rejections(row), 1);
  EXPECT_EQ(receive(R"(,"WaitTimeSeconds":1)"), R"({})");
}

std::string send(ProbeBench& bench, const std::string& more) {
  make_queue(bench, "q");
  return ask(bench, "SendMessage", "{" + url("q") + more + "}");
}
std::string body_of(std::int64_t bytes) { return R"(,"MessageBody":")" + times(bytes, "x", "") + "\""; }

// The same quota holds for the queue's attribute of that name.
void as_attribute(const QuotaRow& row, const std::string& name, std::int64_t value) {
  for (const auto* operation : {"CreateQueue", "SetQueueAttributes"}) {
    sized(
        row, value,
        [&](ProbeBench& bench, std::int64_t amount) {
          const bool creates = std::string_view(operation) == "CreateQueue";
          if (!creates) make_queue(bench, "q");
          return ask(bench, operation,
                     "{" + (creates ? R"("QueueName":"q")" : url("q")) + R"(,"Attributes":{")" + name + R"(":")" + std::to_string(amount) +
                         R"("}})");
        },
        "InvalidAttributeValue: Invalid value for the parameter " + name + ".");
  }
}

void message_size(const QuotaRow& row) {
  as_attribute(row, "MaximumMessageSize", row.value);
  as_attribute(row, "MaximumMessageSize", 2'000'000);
  sized(
      row, 100, [](ProbeBench& bench, std::int64_t amount) { return send(bench, body_of(amount)); },
      "InvalidParameterValueException: One or more parameters are invalid. Reason: Message must be shorter than 100 bytes.");
}

std::string batch(ProbeBench& bench, std::int64_t entries, std::int64_t first_bytes) {
  make_queue(bench, "q");
  std::string all;
  for (std::int64_t i = 0; i < entries; ++i)
    all += (i == 0 ? "" : ",") + (R"({"Id":"e)" + std::to_string(i) + "\"" + body_of(i == 0 ? first_bytes : 1) + "}");
  return ask(bench, "SendMessageBatch", "{" + url("q") + R"(,"Entries":[)" + all + "]}");
}
void batch_size(const QuotaRow& row) {
  sized(
      row, 100, [](ProbeBench& bench, std::int64_t amount) { return batch(bench, 2, amount - 1); },
      "BatchRequestTooLong: Batch requests cannot be longer than 100 bytes. You have sent 101 bytes.");
}
void batch_entries(const QuotaRow& row) {
  sized(
      row, row.value, [](ProbeBench& bench, std::int64_t amount) { return batch(bench, amount, 1); },
      "TooManyEntriesInBatchRequest: Maximum number of entries per request are 10. You have sent 11.");
}

void message_attributes(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        std::string attributes;
        for (std::int64_t i = 0; i < amount; ++i)
          attributes += (i == 0 ? "\"a" : ",\"a") + std::to_string(i) + R"(":{"DataType":"String","StringValue":"v"})";
        return send(bench, R"(,"MessageBody":"b","MessageAttributes":{)" + attributes + "}");
      },
      "InvalidParameterValueException: Number of message attributes [11] exceeds the allowed maximum [10].");
}

void retention(const QuotaRow& row) {
  as_attribute(row, "MessageRetentionPeriod", row.value);
  as_attribute(row, "MessageRetentionPeriod", row.value * 2);
}

void delay(const QuotaRow& row) {
  as_attribute(row, "DelaySeconds", row.value);
  as_attribute(row, "DelaySeconds", 1'200);
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) { return send(bench, R"(,"MessageBody":"b","DelaySeconds":)" + std::to_string(amount)); },
      "InvalidParameterValueException: Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.");
}

std::string receive(ProbeBench& bench, const std::string& member, std::int64_t value) {
  make_queue(bench, "q");
  bench.make("sqs", "SendMessage", "{" + url("q") + R"(,"MessageBody":"b"})");
  return ask(bench, "ReceiveMessage", "{" + url("q") + ",\"" + member + "\":" + std::to_string(value) + "}");
}
void visibility_timeout(const QuotaRow& row) {
  as_attribute(row, "VisibilityTimeout", row.value);
  as_attribute(row, "VisibilityTimeout", 50'000);
  sized(
      row, row.value, [](ProbeBench& bench, std::int64_t amount) { return receive(bench, "VisibilityTimeout", amount); },
      "InvalidParameterValueException: Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be >= 0 and <= 43200, if "
      "provided.");
}
void long_poll(const QuotaRow& row) {
  as_attribute(row, "ReceiveMessageWaitTimeSeconds", row.value);
  as_attribute(row, "ReceiveMessageWaitTimeSeconds", 30);
  sized(
      row, row.value, [](ProbeBench& bench, std::int64_t amount) { return receive(bench, "WaitTimeSeconds", amount); },
      "InvalidParameterValueException: Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.");
}

void purge_queue(const QuotaRow& row) {
  ProbeBench bench;
  make_queue(bench, "q");
  const auto purge = [&] { return ask(bench, "PurgeQueue", "{" + url("q") + "}"); };
  EXPECT_EQ(purge(), "{}");
  bench.world.advance(seconds(59));
  EXPECT_EQ(purge(), "PurgeQueueInProgress: Only one PurgeQueue operation on q is allowed every 60 seconds.");
  EXPECT_EQ(bench.rejections(row), 1);
  bench.world.advance(seconds(1));
  EXPECT_EQ(purge(), "{}");
}

void name_reuse(const QuotaRow& row) {
  ProbeBench bench;
  make_queue(bench, "q");
  bench.make("sqs", "DeleteQueue", "{" + url("q") + "}");
  const auto create = [&] { return ask(bench, "CreateQueue", R"({"QueueName":"q"})"); };
  bench.world.advance(seconds(59));
  EXPECT_EQ(create(),
            "QueueDeletedRecently: You must wait 60 seconds after deleting a queue before you can create another with the same name.");
  EXPECT_EQ(bench.rejections(row), 1);
  bench.world.advance(seconds(1));
  EXPECT_EQ(create().substr(0, 1), "{");
}

void permission_actions(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        make_queue(bench, "q");
        const auto accounts = times(1, "\"111122223333\"", ",");
        return ask(bench, "AddPermission",
                   "{" + url("q") + R"(,"Label":"l","AWSAccountIds":[)" + accounts + R"(],"Actions":[)" +
                       times(amount, "\"SendMessage\"", ",") + "]}");
      },
      "OverLimit: 8 Actions were found, maximum allowed is 7.");
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        make_queue(bench, "q");
        const auto policy =
            R"({"Statement":{"Effect":"Allow","Principal":"*","Action":[)" + times(amount, R"("sqs:SendMessage")", ",") + "]}}";
        return ask(bench, "SetQueueAttributes", "{" + url("q") + R"(,"Attributes":{"Policy":)" + to_json(JsonValue::string(policy)) + "}}");
      },
      "InvalidAttributeValue: Invalid value for the parameter Policy. Reason: 8 Actions were found, maximum allowed is 7.");
}

std::string statement(std::int64_t number) {
  return R"({"Sid":"s)" + std::to_string(number) + R"(","Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"})";
}
std::string set_policy(ProbeBench& bench, const std::string& policy) {
  make_queue(bench, "q");
  return ask(bench, "SetQueueAttributes", "{" + url("q") + R"(,"Attributes":{"Policy":)" + to_json(JsonValue::string(policy)) + "}}");
}
constexpr std::string_view invalid_policy = "InvalidAttributeValue: Invalid value for the parameter Policy. Reason: ";
void policy_size(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        const auto policy = R"({"Statement":)" + statement(1) + "}";
        return set_policy(bench, policy + times(amount - static_cast<std::int64_t>(policy.size()), " ", ""));
      },
      std::string(invalid_policy) + "The policy is longer than 8192 bytes.");
  // AddPermission has words of its own.
  ProbeBench bench;
  bench.set(row, 300);
  const auto add = [&](const std::string& label) {
    return ask(bench, "AddPermission",
               "{" + url("q") + R"(,"Label":")" + label + R"(","AWSAccountIds":["111122223333"],"Actions":["SendMessage"]})");
  };
  make_queue(bench, "q");
  EXPECT_EQ(add("a").substr(0, 1), "{");
  EXPECT_EQ(add("b"), "OverLimit: The policy would be longer than 300 bytes.");
}
void policy_statements(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        std::string all;
        for (std::int64_t i = 0; i < amount; ++i) all += (i == 0 ? "" : ",") + statement(i);
        return set_policy(bench, R"({"Statement":[)" + all + "]}");
      },
      std::string(invalid_policy) + "The policy has more than 20 statements.");
}

void policy_principals(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        return set_policy(bench, R"({"Statement":{"Effect":"Allow","Principal":{"AWS":[)" + times(amount, R"("111122223333")", ",") +
                                     R"(]},"Action":"sqs:SendMessage"}})");
      },
      std::string(invalid_policy) + "The policy has more than 50 principals.");
}
void policy_conditions(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        std::string keys;
        for (std::int64_t i = 0; i < amount; ++i) keys += (i == 0 ? "\"aws:k" : ",\"aws:k") + std::to_string(i) + R"(":"v")";
        return set_policy(
            bench,
            R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Condition":{"StringEquals":{)" + keys + "}}}}");
      },
      std::string(invalid_policy) + "The policy has more than 10 conditions.");
}

void tags(const QuotaRow& row) {
  sized(
      row, 3,
      [](ProbeBench& bench, std::int64_t amount) {
        make_queue(bench, "q");
        std::string all;
        for (std::int64_t i = 0; i < amount; ++i) all += (i == 0 ? "\"t" : ",\"t") + std::to_string(i) + R"(":"1")";
        return ask(bench, "TagQueue", "{" + url("q") + R"(,"Tags":{)" + all + "}}");
      },
      "InvalidParameterValueException: Too many tags added for queue q.");
}

std::string start_move(ProbeBench& bench, const std::string& dead_letters, const std::string& more) {
  const auto arn = "arn:aws:sqs:us-east-1:000000000000:" + dead_letters;
  make_queue(bench, dead_letters);
  make_queue(bench, "source-of-" + dead_letters, R"("RedrivePolicy":"{\"deadLetterTargetArn\":\")" + arn + R"(\",\"maxReceiveCount\":3}")");
  for (int i = 0; i < 5; ++i) bench.make("sqs", "SendMessage", "{" + url(dead_letters) + R"(,"MessageBody":"b"})");
  return ask(bench, "StartMessageMoveTask",
             R"({"SourceArn":")" + arn + R"(","DestinationArn":"arn:aws:sqs:us-east-1:000000000000:source-of-)" + dead_letters + "\"" +
                 more + "}");
}
void move_tasks(const QuotaRow& row) {
  counted(
      row, 2, {},
      [](ProbeBench& bench, std::int64_t number) {
        return start_move(bench, "d" + std::to_string(number), R"(,"MaxNumberOfMessagesPerSecond":1)");
      },
      "OverLimit: An account can have 2 active message move tasks.");
}
void move_rate(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        return start_move(bench, "d", R"(,"MaxNumberOfMessagesPerSecond":)" + std::to_string(amount));
      },
      "InvalidParameterValueException: Value 501 for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be between 1 and 500, "
      "if provided.");
}

constexpr Probe probes[] = {
    {"sqs.fifo-requests", fifo_requests},
    {"sqs.fifo-high-throughput-requests", fifo_high_throughput_requests},
    {"sqs.fifo-group-requests", fifo_group_requests},
    {"sqs.in-flight", in_flight},
    {"sqs.message-size", message_size},
    {"sqs.batch-size", batch_size},
    {"sqs.batch-entries", batch_entries},
    {"sqs.message-attributes", message_attributes},
    {"sqs.delay", delay},
    {"sqs.visibility-timeout", visibility_timeout},
    {"sqs.long-poll", long_poll},
    {"sqs.retention", retention},
    {"sqs.purge-queue", purge_queue},
    {"sqs.name-reuse", name_reuse},
    {"sqs.permission-actions", permission_actions},
    {"sqs.policy-size", policy_size},
    {"sqs.policy-statements", policy_statements},
    {"sqs.policy-principals", policy_principals},
    {"sqs.policy-conditions", policy_conditions},
    {"sqs.tags", tags},
    {"sqs.move-tasks", move_tasks},
    {"sqs.move-rate", move_rate},
};
static_assert(each_has_a_probe(quotas::rows, probes), "a quota of SQS has no probe");

}  // namespace

std::span<const Probe> sqs_probes() { return probes; }

}  // namespace surgetank
