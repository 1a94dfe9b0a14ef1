#include "services/lambda/event_source_queue.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "wire/json.h"
#include "wire/json_value.h"
#include "wire/json_writer.h"

namespace surgetank::lambda {
namespace {

constexpr std::string_view sqs = "sqs";
constexpr ErrorCode unexpected_reply{"UnexpectedReply", 500};

struct QueueAttributes {
  Map<String> Attributes;
};
SURGE_SHAPE(QueueAttributes, Attributes)

Result<Duration> visibility_in(const Result<std::string>& reply) {
  if (!reply.ok()) return reply.error();
  QueueAttributes attributes;
  SURGE_CHECK(read_json(*reply, *shape_of<QueueAttributes>(), &attributes));
  const auto found = attributes.Attributes.find("VisibilityTimeout");
  const auto timeout = found == attributes.Attributes.end() ? std::nullopt : parse_integer(found->second);
  if (!timeout) return Error{&unexpected_reply, "The queue does not tell its VisibilityTimeout."};
  return seconds(*timeout);
}

Result<ReceivedMessages> messages_in(const Result<std::string>& reply) {
  if (!reply.ok()) return reply.error();
  ReceivedMessages messages;
  SURGE_CHECK(read_json(*reply, *shape_of<ReceivedMessages>(), &messages));
  return messages;
}

Result<std::size_t> successes_in(const Result<std::string>& reply) {
  if (!reply.ok()) return reply.error();
  const auto value = parse_json(*reply);
  const auto* successes = value.ok() ? value->find("Successful") : nullptr;
  const auto* list = successes == nullptr ? nullptr : successes->as_array();
  return list == nullptr ? std::size_t{0} : list->size();
}

}  // namespace

Caller function_caller(const Caller& place, std::string_view function_name, std::string_view role_arn) {
  if (role_arn.empty()) return service_caller(place.account, place.region, "lambda.amazonaws.com");
  return role_caller(place.account, place.region, role_arn, function_name);
}

SourceQueue::SourceQueue(Dispatcher& dispatcher, std::string_view base_url, const QueueArn& queue, Caller actor)
    : dispatcher_(dispatcher), caller_(std::move(actor)), url_(queue_url(base_url, queue)) {}

// Like dispatch_json, but what waits can be left.
void SourceQueue::call(std::string_view operation_name, std::string_view input, LeaveFlag left,
                       UniqueFunction<void(Result<std::string>)> done) const {
  const auto* service = dispatcher_.find_service(sqs);
  if (left == nullptr || service == nullptr) return dispatcher_.dispatch_json(sqs, operation_name, caller_, input, std::move(done));
  const auto operation = std::find_if(service->operations.begin(), service->operations.end(),
                                      [&](const Operation& candidate) { return candidate.name == operation_name; });
  if (operation == service->operations.end()) return dispatcher_.dispatch_json(sqs, operation_name, caller_, input, std::move(done));
  Invocation invocation;
  invocation.service = service;
  invocation.operation = &*operation;
  invocation.input = Box(*operation->request());
  invocation.caller = caller_;
  invocation.client_left = std::move(left);
  if (auto read = read_json(input, invocation.input.shape(), invocation.input.get()); !read.ok()) return done(std::move(read.error()));
  dispatcher_.dispatch(std::move(invocation), [done = std::move(done)](Result<Box> result) mutable -> Task {
    if (!result.ok()) return [done = std::move(done), error = std::move(result.error())]() mutable { done(std::move(error)); };
    std::string text;
    write_json(result->shape(), result->get(), text);
    return [done = std::move(done), text = std::move(text)]() mutable { done(std::move(text)); };
  });
}

void SourceQueue::visibility_timeout(UniqueFunction<void(Result<Duration>)> done) const {
  std::string input;
  JsonWriter(input)
      .begin_object()
      .key("QueueUrl")
      .string(url_)
      .key("AttributeNames")
      .begin_array()
      .string("VisibilityTimeout")
      .end_array()
      .end_object();
  call("GetQueueAttributes", input, nullptr, [done = std::move(done)](Result<std::string> reply) mutable { done(visibility_in(reply)); });
}

void SourceQueue::receive(const ReceiveOrder& order, UniqueFunction<void(Result<ReceivedMessages>)> done) const {
  std::string input;
  JsonWriter json(input);
  json.begin_object().key("QueueUrl").string(url_).key("MaxNumberOfMessages").integer(order.count);
  json.key("WaitTimeSeconds").integer(order.wait.us / seconds(1).us);
  json.key("AttributeNames").begin_array().string("All").end_array();
  json.key("MessageAttributeNames").begin_array().string("All").end_array();
  if (order.visibility) json.key("VisibilityTimeout").integer(order.visibility->us / seconds(1).us);
  json.end_object();
  call("ReceiveMessage", input, order.left, [done = std::move(done)](Result<std::string> reply) mutable { done(messages_in(reply)); });
}

void SourceQueue::erase(const std::vector<std::string>& receipt_handles, UniqueFunction<void(Result<std::size_t>)> done) const {
  std::string input;
  JsonWriter json(input);
  json.begin_object().key("QueueUrl").string(url_).key("Entries").begin_array();
  for (std::size_t i = 0; i < receipt_handles.size(); ++i)
    json.begin_object().key("Id").string(std::to_string(i)).key("ReceiptHandle").string(receipt_handles[i]).end_object();
  json.end_array().end_object();
  call("DeleteMessageBatch", input, nullptr, [done = std::move(done)](Result<std::string> reply) mutable { done(successes_in(reply)); });
}

void SourceQueue::release(const std::vector<std::string>& receipt_handles) const {
  std::string input;
  JsonWriter json(input);
  json.begin_object().key("QueueUrl").string(url_).key("Entries").begin_array();
  for (std::size_t i = 0; i < receipt_handles.size(); ++i) {
    json.begin_object().key("Id").string(std::to_string(i)).key("ReceiptHandle").string(receipt_handles[i]);
    json.key("VisibilityTimeout").integer(0).end_object();
  }
  json.end_array().end_object();
  call("ChangeMessageVisibilityBatch", input, nullptr, [](const Result<std::string>&) {});
}

}  // namespace surgetank::lambda
