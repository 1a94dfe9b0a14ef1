#pragma once
// A queue service for the tests of event source mappings: what they need of SQS and no more, durable in the world's store. A queue
// exists if its name begins with "q"; its visibility timeout is that of `fake_visibility_seconds`. Not linked into the server.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "kernel/keys.h"
#include "kernel/operation.h"
#include "kernel/record.h"
#include "services/lambda/event_source_record.h"

namespace surgetank::lambda::fake_sqs {

inline constexpr ErrorCode QueueDoesNotExist{"QueueDoesNotExist", 400, "AWS.SimpleQueueService.NonExistentQueue"};
inline std::int64_t fake_visibility_seconds = 30;

struct StoredMessage {
  Integer number = 0;
  String body;
  String group;
  String kind;  // a message attribute
  Instant visible_at;
  Integer receives = 0;
};
SURGE_SHAPE(StoredMessage, number, body, group, kind, visible_at, receives)

struct SendRequest {
  String QueueUrl;
  String MessageBody;
  Opt<String> MessageGroupId;
  Opt<String> Kind;
};
SURGE_SHAPE(SendRequest, QueueUrl, MessageBody, MessageGroupId, Kind)
struct ReceiveRequest {
  String QueueUrl;
  Integer MaxNumberOfMessages = 1;
  Integer WaitTimeSeconds = 0;
  Opt<Integer> VisibilityTimeout;
  List<String> AttributeNames;
  List<String> MessageAttributeNames;
};
SURGE_SHAPE(ReceiveRequest, QueueUrl, MaxNumberOfMessages, WaitTimeSeconds, VisibilityTimeout, AttributeNames, MessageAttributeNames)
struct Entry {
  String Id;
  String ReceiptHandle;
  Opt<Integer> VisibilityTimeout;
};
SURGE_SHAPE(Entry, Id, ReceiptHandle, VisibilityTimeout)
struct BatchRequest {
  String QueueUrl;
  List<Entry> Entries;
};
SURGE_SHAPE(BatchRequest, QueueUrl, Entries)
struct Success {
  String Id;
};
SURGE_SHAPE(Success, Id)
struct BatchReply {
  Opt<List<Success>> Successful;
};
SURGE_SHAPE(BatchReply, Successful)
struct AttributesRequest {
  String QueueUrl;
  List<String> AttributeNames;
};
SURGE_SHAPE(AttributesRequest, QueueUrl, AttributeNames)
struct AttributesReply {
  Map<String> Attributes;
};
SURGE_SHAPE(AttributesReply, Attributes)

inline std::string queue_name(std::string_view url) { return std::string(url.substr(url.rfind('/') + 1)); }
inline std::string prefix(const Call& call, const String& url) { return service_key("sqs", "message", call.caller, {queue_name(url)}); }
inline std::string key(const Call& call, const String& url, Integer number) {
  auto key = prefix(call, url);
  append_key_number(key, static_cast<std::uint64_t>(number));
  return key;
}
inline Result<Unit> check(const String& url) {
  if (queue_name(url).starts_with("q")) return Unit{};
  return Error{&QueueDoesNotExist, "The specified queue does not exist."};
}

inline Result<AttributesReply> attributes(Call&, const AttributesRequest& request) {
  SURGE_CHECK(check(request.QueueUrl));
  return AttributesReply{.Attributes = {{"VisibilityTimeout", std::to_string(fake_visibility_seconds)}}};
}

inline Result<Empty> send(Call& call, const SendRequest& request) {
  SURGE_CHECK(check(request.QueueUrl));
  StoredMessage message;
  scan_records<StoredMessage>(call.txn, prefix(call, request.QueueUrl), [&](const StoredMessage& each) {
    message.number = each.number;
    return true;
  });
  ++message.number;
  message.body = request.MessageBody;
  message.group = request.MessageGroupId.value_or("");
  message.kind = request.Kind.value_or("");
  message.visible_at = call.now;
  put_record(call.txn, key(call, request.QueueUrl, message.number), message);
  call.signal(request.QueueUrl, 1);
  return Empty{};
}

inline ReceivedMessage shown(const StoredMessage& stored) {
  ReceivedMessage message;
  message.MessageId = "m" + std::to_string(stored.number);
  message.ReceiptHandle = std::to_string(stored.number) + "/" + std::to_string(stored.receives);
  message.Body = stored.body;
  message.MD5OfBody = "md5";
  message.Attributes = {{"ApproximateReceiveCount", std::to_string(stored.receives)}};
  if (!stored.group.empty()) message.Attributes["MessageGroupId"] = stored.group;
  if (!stored.kind.empty()) {
    auto& kind = message.MessageAttributes["kind"];
    kind.StringValue = stored.kind;
    kind.DataType = "String";
  }
  return message;
}

inline Result<ReceivedMessages> receive(Call& call, const ReceiveRequest& request) {
  SURGE_CHECK(check(request.QueueUrl));
  ReceivedMessages reply;
  std::vector<StoredMessage> taken;
  std::set<std::string> blocked;
  auto wake = call.arrived() + seconds(request.WaitTimeSeconds);
  scan_records<StoredMessage>(call.txn, prefix(call, request.QueueUrl), [&](StoredMessage message) {
    if (message.visible_at > call.now) {
      if (!message.group.empty()) blocked.insert(message.group);
      wake = std::min(wake, message.visible_at);
      return true;
    }
    if (blocked.contains(message.group)) return true;
    message.visible_at = call.now + seconds(request.VisibilityTimeout.value_or(fake_visibility_seconds));
    ++message.receives;
    reply.Messages.push_back(shown(message));
    taken.push_back(std::move(message));
    return static_cast<Integer>(reply.Messages.size()) < request.MaxNumberOfMessages;
  });
  for (const auto& message : taken) put_record(call.txn, key(call, request.QueueUrl, message.number), message);
  if (reply.Messages.empty() && call.may_wait() && call.now < call.arrived() + seconds(request.WaitTimeSeconds))
    call.park(request.QueueUrl, wake);
  return reply;
}

// The message of a handle, if it is the last one that was given out.
inline std::optional<StoredMessage> held(Call& call, const String& url, const String& handle) {
  const auto slash = handle.find('/');
  auto message = get_record<StoredMessage>(call.txn, key(call, url, std::stoll(handle.substr(0, slash))));
  if (!message || std::to_string(message->receives) != handle.substr(slash + 1)) return std::nullopt;
  return message;
}

inline Result<BatchReply> erase(Call& call, const BatchRequest& request) {
  SURGE_CHECK(check(request.QueueUrl));
  BatchReply reply;
  reply.Successful.emplace();
  for (const auto& entry : request.Entries) {
    if (const auto message = held(call, request.QueueUrl, entry.ReceiptHandle))
      call.txn.erase(key(call, request.QueueUrl, message->number));
    reply.Successful->push_back({.Id = entry.Id});
  }
  call.signal(request.QueueUrl);
  return reply;
}

inline Result<BatchReply> change_visibility(Call& call, const BatchRequest& request) {
  SURGE_CHECK(check(request.QueueUrl));
  for (const auto& entry : request.Entries) {
    auto message = held(call, request.QueueUrl, entry.ReceiptHandle);
    if (!message) continue;
    message->visible_at = call.now + seconds(entry.VisibilityTimeout.value_or(0));
    put_record(call.txn, key(call, request.QueueUrl, message->number), *message);
  }
  call.signal(request.QueueUrl);
  return BatchReply{};
}

inline constexpr Operation operations[] = {
    op<attributes>("GetQueueAttributes", Access::Read, "QueueUrl"),
    op<send>("SendMessage", Access::Write, "QueueUrl"),
    op<receive>("ReceiveMessage", Access::Write, "QueueUrl"),
    op<erase>("DeleteMessageBatch", Access::Write, "QueueUrl"),
    op<change_visibility>("ChangeMessageVisibilityBatch", Access::Write, "QueueUrl"),
};
inline constexpr Protocol protocols[] = {Protocol::Json10};
inline const Service service{.name = "sqs",
                             .signing_name = "sqs",
                             .target_prefix = "AmazonSQS",
                             .protocols = protocols,
                             .operations = operations,
                             .aggregate = [](std::string_view url) { return queue_name(url); }};

}  // namespace surgetank::lambda::fake_sqs
