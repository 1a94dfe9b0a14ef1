// What keeps the data of an application: queues, databases, secrets.
#include "base/text.h"
#include "services/rds/instance_classes.h"
#include "services/secretsmanager/model.h"
#include "services/sqs/model.h"
#include "windtunnel/recording/recorder_parts.h"
#include "wire/json_value.h"
#include "wire/json_writer.h"

namespace surgetank::windtunnel {
namespace {

Integer attribute(const Map<String>& attributes, const std::string& name, Integer otherwise) {
  const auto found = attributes.find(name);
  return found == attributes.end() ? otherwise : parse_integer(found->second).value_or(otherwise);
}

void record_queue(ReadingSystem& system, const LogicalIds& ids, const std::string& url, Recording& out) {
  std::string body;
  JsonWriter(body).begin_object().key("QueueUrl").string(url).key("AttributeNames").begin_array().string("All").end_array().end_object();
  sqs::GetQueueAttributesResponse reply;
  system.json("sqs", "AmazonSQS.GetQueueAttributes", body, reply);
  const auto& given = reply.Attributes;
  const auto arn = given.find("QueueArn");
  RecordedQueue queue{.name = last_part(url, '/'),
                      .arn = arn == given.end() ? std::string() : arn->second,
                      .logicalId = ids.of("AWS::SQS::Queue", url),
                      .fifo = url.ends_with(".fifo"),
                      .visibilityTimeoutSeconds = attribute(given, "VisibilityTimeout", 30),
                      .receiveWaitSeconds = attribute(given, "ReceiveMessageWaitTimeSeconds", 0),
                      .retentionSeconds = attribute(given, "MessageRetentionPeriod", 345'600),
                      .delaySeconds = attribute(given, "DelaySeconds", 0),
                      .maximumMessageBytes = attribute(given, "MaximumMessageSize", 1'048'576),
                      .deadLetterQueue = {},
                      .maximumReceives = 0,
                      .messagesVisible = attribute(given, "ApproximateNumberOfMessages", 0),
                      .messagesInFlight = attribute(given, "ApproximateNumberOfMessagesNotVisible", 0)};
  if (const auto redrive = given.find("RedrivePolicy"); redrive != given.end()) {
    if (const auto policy = parse_json(redrive->second); policy.ok()) {
      if (const auto* target = policy->find_string("deadLetterTargetArn")) queue.deadLetterQueue = last_part(*target, ':');
      const auto* receives = policy->find("maxReceiveCount");
      if (receives != nullptr)
        queue.maximumReceives =
            receives->is_string() ? parse_integer(*receives->as_string()).value_or(0) : receives->as_integer().value_or(0);
    }
  }
  out.queues.push_back(std::move(queue));
}

// The text of the first <name> element at or after `from`; RDS answers in XML only, and these members are plain text.
std::string element(std::string_view xml, std::string_view name, std::size_t from, std::size_t to) {
  const auto open = "<" + std::string(name) + ">";
  const auto at = xml.find(open, from);
  if (at == std::string_view::npos || at >= to) return {};
  const auto begin = at + open.size();
  const auto end = xml.find('<', begin);
  return end == std::string_view::npos ? std::string() : std::string(xml.substr(begin, end - begin));
}

}  // namespace

void record_queues(ReadingSystem& system, const LogicalIds& ids, Recording& out) {
  std::string token;
  for (int page = 0; page < max_pages; ++page) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("MaxResults").integer(1000);
    if (!token.empty()) json.key("NextToken").string(token);
    json.end_object();
    sqs::ListQueuesResponse reply;
    system.json("sqs", "AmazonSQS.ListQueues", body, reply);
    for (const auto& url : reply.QueueUrls) record_queue(system, ids, url, out);
    token = reply.NextToken.value_or("");
    if (token.empty()) break;
  }
}

void record_databases(ReadingSystem& system, const LogicalIds& ids, Recording& out) {
  std::string marker;
  for (int page = 0; page < max_pages; ++page) {
    const auto xml = system.query(
        "rds", "Action=DescribeDBInstances&Version=2014-10-31" + (marker.empty() ? std::string() : "&Marker=" + percent_encode(marker)));
    constexpr std::string_view opening = "<DBInstance>";
    for (auto at = xml.find(opening); at != std::string::npos;) {
      const auto next = xml.find(opening, at + opening.size());
      RecordedDatabase database{.identifier = element(xml, "DBInstanceIdentifier", at, next),
                                .logicalId = {},
                                .instanceClass = element(xml, "DBInstanceClass", at, next)};
      database.logicalId = ids.of("AWS::RDS::DBInstance", database.identifier);
      if (const auto memory = rds::class_memory_mib(database.instanceClass)) database.maximumConnections = rds::max_connections(*memory);
      if (const auto* peak = find_metric(out, "AWS/RDS", "DatabaseConnections", {{"DBInstanceIdentifier", database.identifier}}))
        database.peakConnections = static_cast<Integer>(peak->maximum);
      out.databases.push_back(std::move(database));
      at = next;
    }
    marker = element(xml, "Marker", 0, xml.size());
    if (marker.empty()) break;
  }
}

void record_secrets(ReadingSystem& system, Recording& out) {
  std::string token;
  for (int page = 0; page < max_pages; ++page) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("MaxResults").integer(100);
    if (!token.empty()) json.key("NextToken").string(token);
    json.end_object();
    secretsmanager::ListSecretsResponse reply;
    system.json("secretsmanager", "secretsmanager.ListSecrets", body, reply);
    if (reply.SecretList) out.secrets += static_cast<Integer>(reply.SecretList->size());
    token = reply.NextToken.value_or("");
    if (token.empty()) break;
  }
}

}  // namespace surgetank::windtunnel
