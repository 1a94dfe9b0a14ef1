#include "sqs_crash_world.h"

#include <future>

#include "base/text.h"
#include "services/sqs/service.h"
#include "wire/json_value.h"

namespace surgetank {
namespace {

constexpr Instant epoch{1'700'000'000'000'000};

}  // namespace

SqsCrashWorld::SqsCrashWorld(RocksStoreOptions options, std::string queue_name, int life)
    : store_(open_rocks_store(std::move(options))),
      lanes_(1, epoch + hours(3) * life),
      vault_(Secret<std::string>(std::string(32, 'v'))),
      queue_name_(std::move(queue_name)) {
  ports_.vault = &vault_;
  ports_.base_url = "http://127.0.0.1:4566";
  const Service* const services[] = {&sqs::service};
  dispatcher_ = std::make_unique<Dispatcher>(*store_, lanes_, services, ports_,
                                             Dispatcher::Options{.seed = store_->last_committed() + 1, .on_internal_failure = {}});
  ports_.dispatcher = dispatcher_.get();
}

void SqsCrashWorld::call(std::string_view operation, const std::string& members, std::function<void(Result<std::string>)> done) {
  const auto input = R"({"QueueUrl":"http://127.0.0.1:4566/000000000000/)" + queue_name_ + "\"" + members + "}";
  dispatcher_->dispatch_json("sqs", operation, service_caller("000000000000", "us-east-1", "crash test"), input,
                             [done = std::move(done)](Result<std::string> result) { done(std::move(result)); });
  lanes_.run_until_idle();
}

void SqsCrashWorld::create_queue() {
  std::promise<void> created;
  dispatcher_->dispatch_json("sqs", "CreateQueue", service_caller("000000000000", "us-east-1", "crash test"),
                             R"({"QueueName":")" + queue_name_ + R"(","Attributes":{"MessageRetentionPeriod":"1209600"}})",
                             [&](const Result<std::string>&) { created.set_value(); });
  lanes_.run_until_idle();
  created.get_future().wait();
}

void SqsCrashWorld::send(const std::vector<std::uint64_t>& numbers, std::function<void(bool)> acknowledged) {
  std::string entries;
  for (const auto number : numbers) {
    entries += entries.empty() ? "" : ",";
    entries += R"({"Id":")" + std::to_string(number) + R"(","MessageBody":")" + std::to_string(number) + "\"}";
  }
  call("SendMessageBatch", R"(,"Entries":[)" + entries + "]",
       [acknowledged = std::move(acknowledged)](const Result<std::string>& result) { acknowledged(result.ok()); });
}

void SqsCrashWorld::receive(int visibility_seconds, std::function<void(std::vector<Received>)> received) {
  call("ReceiveMessage", R"(,"MaxNumberOfMessages":10,"VisibilityTimeout":)" + std::to_string(visibility_seconds),
       [received = std::move(received)](const Result<std::string>& result) {
         std::vector<Received> out;
         const auto reply = parse_json(result.ok() ? *result : "{}");
         const auto* messages = reply.ok() ? reply->find("Messages") : nullptr;
         for (const auto& message : messages == nullptr ? JsonArray{} : *messages->as_array()) {
           const auto number = parse_integer(*message.find_string("Body")).value_or(0);
           out.push_back({static_cast<std::uint64_t>(number), *message.find_string("ReceiptHandle")});
         }
         received(std::move(out));
       });
}

void SqsCrashWorld::remove(const std::string& handle, std::function<void(bool)> acknowledged) {
  call("DeleteMessage", R"(,"ReceiptHandle":")" + handle + "\"",
       [acknowledged = std::move(acknowledged)](const Result<std::string>& result) { acknowledged(result.ok()); });
}

void SqsCrashWorld::release(const std::string& handle, std::function<void(bool)> acknowledged) {
  call("ChangeMessageVisibility", R"(,"VisibilityTimeout":0,"ReceiptHandle":")" + handle + "\"",
       [acknowledged = std::move(acknowledged)](const Result<std::string>& result) { acknowledged(result.ok()); });
}

std::vector<std::uint64_t> SqsCrashWorld::drain() {
  std::vector<std::uint64_t> all;
  while (true) {
    std::promise<std::vector<Received>> answer;
    receive(10'000, [&](std::vector<Received> received) { answer.set_value(std::move(received)); });
    const auto received = answer.get_future().get();
    if (received.empty()) return all;
    for (const auto& each : received) all.push_back(each.number);
  }
}

}  // namespace surgetank
