#include "sim/event_sources_workload.h"

#include "base/text.h"
#include "services/lambda/service.h"
#include "services/sqs/service.h"
#include "wire/json_value.h"

namespace surgetank::sim {
namespace {

constexpr Duration longest_run = seconds(4);
constexpr std::uint64_t groups = 3;
// Long, so that what comes again does so because it was not dealt with, and not because a reply took its time.
constexpr std::string_view visibility = R"("VisibilityTimeout":"3600")";

constexpr std::string_view creation =
    R"({"FunctionName":"worker","Role":"arn:aws:iam::000000000000:role/r","Runtime":"nodejs22.x","Handler":"index.handler",)"
    R"("Code":{"LocalPath":"/srv","LocalHash":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=","LocalSize":1}})";

std::string mapping(std::string_view queue, std::string_view more) {
  return R"({"FunctionName":"worker","FunctionResponseTypes":["ReportBatchItemFailures"],)"
         R"("EventSourceArn":"arn:aws:sqs:us-east-1:000000000000:)" +
         std::string(queue) + "\"" + std::string(more) + "}";
}

}  // namespace

// Runs nothing: asks the workload what came of it, and answers after a while, unless the machine crashed meanwhile.
class EventSourcesWorkload::Runner final : public FunctionRunner {
 public:
  explicit Runner(EventSourcesWorkload& workload) : workload_(workload) {}
  void run(Lane& lane, std::shared_ptr<const FunctionVersion>, InvocationRequest request,
           UniqueFunction<void(InvocationOutcome)> done) override {
    const auto takes = microseconds(static_cast<std::int64_t>(random_->below(static_cast<std::uint64_t>(longest_run.us))));
    lane.at(lane.now() + takes,
            [this, event = std::move(request.payload), done = std::move(done)]() mutable { done(workload_.run(event)); });
  }
  void retire(Lane&, const std::string&) override {}
  void use(Random& random) { random_ = &random; }
  Random& random() { return *random_; }

 private:
  EventSourcesWorkload& workload_;
  Random* random_ = nullptr;
};

EventSourcesWorkload::EventSourcesWorkload() : runner_(std::make_unique<Runner>(*this)) {}
EventSourcesWorkload::~EventSourcesWorkload() = default;

std::vector<const Service*> EventSourcesWorkload::services() const { return {&lambda::service, &sqs::service}; }

void EventSourcesWorkload::fail(std::uint64_t number, const std::string& what) {
  if (failure_) return;
  const auto& message = messages_[number];
  failure_ = "message " + std::to_string(number) + " of group " + std::to_string(message.group) + ": " + what + " (" +
             std::to_string(message.successes) + " successes, " + std::to_string(message.excuses) + " excuses)";
}

void EventSourcesWorkload::prepare(World& world) {
  is_prepared_ = true;
  runner_->use(world.random());
  world.ports().runner = runner_.get();
  const auto must = [this, &world](std::string_view service, std::string_view operation, const std::string& input) {
    world.call(service, operation, input, [this, operation](const Result<std::string>& result) {
      if (!result.ok()) fail(0, std::string(operation) + " was refused: " + result.error().message);
    });
    world.settle();
  };
  must("lambda", "CreateFunction", std::string(creation));
  must("sqs", "CreateQueue", R"({"QueueName":"work","Attributes":{)" + std::string(visibility) + "}}");
  must("sqs", "CreateQueue", R"({"QueueName":"work.fifo","Attributes":{"FifoQueue":"true",)" + std::string(visibility) + "}}");
  must("lambda", "CreateEventSourceMapping", mapping("work", R"(,"BatchSize":7)"));
  must("lambda", "CreateEventSourceMapping", mapping("work.fifo", R"(,"BatchSize":3)"));
}

void EventSourcesWorkload::step(World& world) {
  if (!is_prepared_) prepare(world);
  for (auto count = world.random().below(6); count > 0; --count) send(world);
}

void EventSourcesWorkload::send(World& world) {
  const auto number = next_number_++;
  auto& message = messages_[number];
  if (world.random().chance(50)) message.group = 1 + world.random().below(groups);
  const auto body = std::to_string(number);
  std::string input = R"({"QueueUrl":"http://localhost/000000000000/work)" + std::string(message.group == 0 ? "" : ".fifo") +
                      R"(","MessageBody":")" + body + "\"";
  if (message.group != 0)
    input += R"(,"MessageGroupId":"g)" + std::to_string(message.group) + R"(","MessageDeduplicationId":")" + body + "\"";
  world.call("sqs", "SendMessage", input + "}", [this, number, life = life_](const Result<std::string>& result) {
    if (life != life_) return;
    if (!result.ok()) return fail(number, "it was refused: " + result.error().message);
    messages_[number].is_acknowledged = true;
  });
}

InvocationOutcome EventSourcesWorkload::run(const std::string& event) {
  using Kind = InvocationOutcome::Kind;
  const auto value = parse_json(event);
  std::vector<std::pair<std::uint64_t, std::string>> records;  // number, message id
  for (const auto& record : *value->find("Records")->as_array()) {
    const auto number = static_cast<std::uint64_t>(parse_integer(*record.find_string("body")).value_or(0));
    if (!messages_.contains(number)) fail(number, "nobody has sent it");
    records.emplace_back(number, *record.find_string("messageId"));
  }
  const auto chance = is_calm_ ? 0 : runner_->random().below(100);
  InvocationOutcome outcome;
  if (chance >= 75) {
    outcome.kind = chance >= 90 ? Kind::FunctionError : chance >= 85 ? Kind::ServiceFailure : Kind::Throttled;
    if (outcome.kind != Kind::FunctionError)
      for (const auto& [number, id] : records) ++messages_[number].excuses;
    return outcome;
  }
  // At the first failure the rest is reported as well, as a consumer of a FIFO queue has to.
  const auto first_failure = chance >= 50 ? runner_->random().below(records.size()) : records.size();
  std::string failures;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (i < first_failure) {
      succeed(records[i].first);
    } else {
      failures += (failures.empty() ? "" : ",") + (R"({"itemIdentifier":")" + records[i].second + "\"}");
    }
  }
  outcome.payload = R"({"batchItemFailures":[)" + failures + "]}";
  return outcome;
}

void EventSourcesWorkload::succeed(std::uint64_t number) {
  auto& message = messages_[number];
  if (++message.successes > 1 + message.excuses) fail(number, "it came again after it had succeeded");
  if (message.group == 0 || message.successes > 1) return;
  auto& last = last_of_group_[message.group];
  if (number < last) fail(number, "it was overtaken by " + std::to_string(last));
  last = number;
}

void EventSourcesWorkload::crashed() {
  ++life_;
  for (auto& [number, message] : messages_) ++message.excuses;
}

void EventSourcesWorkload::verify(World& world) {
  is_calm_ = true;
  if (!is_prepared_) return;
  world.pass(hours(3));
  for (const auto& [number, message] : messages_)
    if (message.is_acknowledged && message.successes == 0) fail(number, "it was acknowledged and is lost");
  for (const auto* queue : {"work", "work.fifo"}) {
    world.call("sqs", "GetQueueAttributes",
               R"({"QueueUrl":"http://localhost/000000000000/)" + std::string(queue) + R"(","AttributeNames":["All"]})",
               [this](const Result<std::string>& result) {
                 if (!result.ok()) return fail(0, "the queue is gone");
                 const auto value = parse_json(*result);
                 for (const auto* name : {"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"})
                   if (*value->find_path({"Attributes", name})->as_string() != "0") fail(0, "messages are left: " + *result);
               });
    world.settle();
  }
}

}  // namespace surgetank::sim
