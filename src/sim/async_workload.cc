#include "sim/async_workload.h"

#include "base/text.h"
#include "services/lambda/service.h"
#include "wire/json_value.h"

namespace surgetank::sim {
namespace {

constexpr std::uint64_t most_runs = 3;  // the first and two retries
constexpr Duration longest_run = seconds(4);
constexpr std::string_view worker = "worker";
constexpr std::string_view listener = "listener";

std::string creation(std::string_view name) {
  return R"({"FunctionName":")" + std::string(name) +
         R"(","Role":"arn:aws:iam::000000000000:role/r","Runtime":"nodejs22.x","Handler":"index.handler",)"
         R"("Code":{"LocalPath":"/srv","LocalHash":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=","LocalSize":1}})";
}

constexpr std::string_view configuration =
    R"({"FunctionName":"worker","DestinationConfig":{"OnFailure":{"Destination":"arn:aws:lambda:us-east-1:000000000000:function:listener"}}})";

}  // namespace

// Runs nothing: asks the workload what came of it, and answers after a while, unless the machine crashed meanwhile.
class AsyncWorkload::Runner final : public FunctionRunner {
 public:
  explicit Runner(AsyncWorkload& workload) : workload_(workload) {}
  void run(Lane& lane, std::shared_ptr<const FunctionVersion> version, InvocationRequest request,
           UniqueFunction<void(InvocationOutcome)> done) override {
    const auto takes = microseconds(static_cast<std::int64_t>(random_->below(static_cast<std::uint64_t>(longest_run.us))));
    lane.at(lane.now() + takes,
            [this, name = version->function_name, payload = std::move(request.payload), done = std::move(done)]() mutable {
              done(name == worker ? workload_.run_worker(payload) : workload_.hear_report(payload));
            });
  }
  void retire(Lane&, const std::string&) override {}
  void use(Random& random) { random_ = &random; }
  Random& random() { return *random_; }

 private:
  AsyncWorkload& workload_;
  Random* random_ = nullptr;
};

AsyncWorkload::AsyncWorkload() : runner_(std::make_unique<Runner>(*this)) {}
AsyncWorkload::~AsyncWorkload() = default;

std::vector<const Service*> AsyncWorkload::services() const { return {&lambda::service}; }

void AsyncWorkload::fail(const std::string& event, const std::string& what) {
  if (failure_) return;
  const auto& state = events_[event];
  failure_ = "event " + event + ": " + what + " (" + std::to_string(state.runs) + " runs, " + std::to_string(state.crashes) + " crashes" +
             (state.succeeded ? ", succeeded" : "") + (state.reported ? ", reported" : "") + ")";
}

void AsyncWorkload::prepare(World& world) {
  prepared_ = true;
  runner_->use(world.random());
  world.ports().runner = runner_.get();
  for (const auto name : {worker, listener}) world.call("lambda", "CreateFunction", creation(name), [](const Result<std::string>&) {});
  world.settle();
  world.call("lambda", "PutFunctionEventInvokeConfig", configuration, [this](const Result<std::string>& result) {
    if (!result.ok()) fail("0", "the configuration was refused: " + result.error().message);
  });
  world.settle();
}

void AsyncWorkload::step(World& world) {
  if (!prepared_) prepare(world);
  for (auto count = world.random().below(4); count > 0; --count) send(world);
}

void AsyncWorkload::send(World& world) {
  const auto payload = std::to_string(next_event_++);
  events_[payload];
  world.call("lambda", "Invoke", R"({"FunctionName":"worker","InvocationType":"Event","Payload":")" + to_base64(payload) + "\"}",
             [this, payload, life = life_](const Result<std::string>& result) {
               if (life != life_) return;
               if (!result.ok()) return fail(payload, "it was refused: " + result.error().message);
               events_[payload].accepted = true;
             });
}

InvocationOutcome AsyncWorkload::run_worker(const std::string& payload) {
  using Kind = InvocationOutcome::Kind;
  const auto found = events_.find(payload);
  if (found == events_.end()) {
    fail(payload, "nobody has sent it");
    return {};
  }
  auto& event = found->second;
  const auto chance = calm_ ? 0 : runner_->random().below(100);
  if (chance >= 90) return {.kind = Kind::ServiceFailure, .failure = "no"};
  if (chance >= 75) return {.kind = Kind::Throttled};
  if (++event.runs > most_runs + event.crashes) fail(payload, "it ran more often than allowed");
  if (chance >= 40) return {.kind = Kind::FunctionError, .payload = R"({"errorMessage":"no"})"};
  event.succeeded = true;
  return {.payload = "null"};
}

InvocationOutcome AsyncWorkload::hear_report(const std::string& report) {
  const auto value = parse_json(report);
  const auto* request = value.ok() ? value->find("requestPayload") : nullptr;
  const auto payload = request == nullptr ? std::string("?") : to_json(*request);
  const auto found = events_.find(payload);
  if (found == events_.end()) {
    fail(payload, "there is a report about an event that nobody has sent: " + report);
    return {};
  }
  const auto count = value->find_path({"requestContext", "approximateInvokeCount"})->as_integer().value_or(0);
  if (count < static_cast<std::int64_t>(most_runs)) fail(payload, "it was given up after " + std::to_string(count) + " runs");
  found->second.reported = true;
  return {.payload = "null"};
}

void AsyncWorkload::crashed() {
  ++life_;
  for (auto& [payload, event] : events_) ++event.crashes;
}

void AsyncWorkload::verify(World& world) {
  calm_ = true;
  if (!prepared_) return;
  world.pass(hours(7));
  for (const auto& [payload, event] : events_)
    if (event.accepted && !event.succeeded && !event.reported) fail(payload, "it was accepted and is lost");
  std::size_t left = 0;
  world.store().begin()->scan("lambda/event/", prefix_end("lambda/event/"), [&left](std::string_view, std::string_view) {
    ++left;
    return true;
  });
  if (left != 0) fail("0", std::to_string(left) + " events are left in the store");
}

}  // namespace surgetank::sim
