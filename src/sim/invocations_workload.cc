#include "sim/invocations_workload.h"

#include "base/text.h"
#include "services/lambda/service.h"
#include "wire/json_value.h"

namespace surgetank::sim {
namespace {

constexpr std::array<std::string_view, 2> functions{"first", "second"};
constexpr int update_percent = 3;
constexpr int settings_percent = 5;

std::string creation(std::string_view name) {
  return R"({"FunctionName":")" + std::string(name) +
         R"(","Role":"arn:aws:iam::000000000000:role/r","Runtime":"nodejs22.x","Handler":"index.handler",)"
         R"("Publish":true,"Code":{"LocalPath":"/srv","LocalHash":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=","LocalSize":1}})";
}

bool is_throttle(const Result<std::string>& result) {
  return !result.ok() && result.error().code->name == std::string_view("TooManyRequestsException");
}

}  // namespace

std::vector<const Service*> InvocationsWorkload::services() const { return {&lambda::service}; }

void InvocationsWorkload::fail(const std::string& what) {
  if (!failure_) failure_ = what;
}

std::optional<std::string> InvocationsWorkload::failure() const {
  if (failure_ || !runner_) return failure_;
  return runner_->failure();
}

void InvocationsWorkload::prepare(World& world) {
  runner_ = std::make_unique<SimulatedRunner>(world.random(), RunnerModel{});
  world.ports().runner = runner_.get();
  for (const auto name : functions) {
    world.call("lambda", "CreateFunction", creation(name), [this](const Result<std::string>& result) {
      if (!result.ok()) fail("a function was refused: " + result.error().message);
    });
  }
  world.settle();
}

void InvocationsWorkload::step(World& world) {
  if (!runner_) prepare(world);
  const std::string function(functions[world.random().below(functions.size())]);
  if (world.random().chance(settings_percent)) change_concurrency(world, function);
  if (world.random().chance(update_percent)) {
    world.call("lambda", "UpdateFunctionConfiguration",
               R"({"FunctionName":")" + function + R"(","Description":")" + std::to_string(next_payload_) + "\"}",
               [](const Result<std::string>&) {});
  }
  for (auto count = world.random().below(8); count > 0; --count) invoke(world, function);
}

// Reserved concurrency of a function, or provisioned concurrency of its first version.
void InvocationsWorkload::change_concurrency(World& world, const std::string& function) {
  const auto name = R"("FunctionName":")" + function + "\"";
  const auto amount = std::to_string(world.random().below(4) + 1);
  const auto must = [&](std::string_view operation, const std::string& input) {
    world.call("lambda", operation, "{" + input + "}", [this, operation, life = life_](const Result<std::string>& result) {
      const bool may_refuse = operation.starts_with("Put");  // the account or the reservation has no room for it
      if (life == life_ && !result.ok() && !may_refuse) fail(std::string(operation) + " was refused: " + result.error().message);
    });
  };
  switch (world.random().below(4)) {
    case 0:
      return must("PutFunctionConcurrency", name + R"(,"ReservedConcurrentExecutions":)" + amount);
    case 1:
      return must("DeleteFunctionConcurrency", name);
    case 2:
      return must("PutProvisionedConcurrencyConfig", name + R"(,"Qualifier":"1","ProvisionedConcurrentExecutions":)" + amount);
    default:
      return must("DeleteProvisionedConcurrencyConfig", name + R"(,"Qualifier":"1")");
  }
}

void InvocationsWorkload::invoke(World& world, const std::string& function) {
  const auto payload = std::to_string(next_payload_++);
  under_way_.insert(payload);
  const std::string qualifier = world.random().chance(50) ? R"(,"Qualifier":"1")" : "";
  world.call("lambda", "Invoke", R"({"FunctionName":")" + function + "\"" + qualifier + R"(,"Payload":")" + to_base64(payload) + "\"}",
             [this, payload, life = life_](const Result<std::string>& result) {
               if (life == life_) answered(payload, result);
             });
}

void InvocationsWorkload::answered(const std::string& payload, const Result<std::string>& result) {
  if (under_way_.erase(payload) == 0) return fail("invocation " + payload + " was answered twice");
  if (!result.ok()) {
    const bool no_room = result.error().code->name == std::string_view("ServiceException");
    if (calm_ || (!is_throttle(result) && !no_room)) fail("invocation " + payload + " was refused with " + result.error().message);
    return;
  }
  const auto reply = parse_json(*result);
  if (!reply.ok()) return fail("invocation " + payload + " was answered with what is not JSON");
  if (reply->find_string("FunctionError") != nullptr) return;
  const auto* answer = reply->find_string("Payload");
  if (answer == nullptr || from_base64(*answer) != payload) return fail("invocation " + payload + " got the answer of another");
  ++successes_;
}

void InvocationsWorkload::crashed() {
  ++life_;
  under_way_.clear();
  if (runner_) runner_->crashed();
}

void InvocationsWorkload::give_all_back(World& world) {
  for (const auto name : functions) {
    const auto function = R"({"FunctionName":")" + std::string(name) + "\"";
    world.call("lambda", "DeleteFunctionConcurrency", function + "}", [](const Result<std::string>&) {});
    world.call("lambda", "DeleteProvisionedConcurrencyConfig", function + R"(,"Qualifier":"1"})", [](const Result<std::string>&) {});
  }
  world.settle();
  if (runner_->claimed() != 0) fail(std::to_string(runner_->claimed()) + " executions are claimed when nobody claims any");
}

void InvocationsWorkload::verify(World& world) {
  world.pass(minutes(2));
  if (!under_way_.empty()) return fail("invocation " + *under_way_.begin() + " was never answered");
  if (runner_->executions() != 0) return fail(std::to_string(runner_->executions()) + " executions are still counted when all is done");
  give_all_back(world);
  calm_ = true;
  runner_->calm();
  const auto before = successes_;
  invoke(world, std::string(functions[0]));
  world.pass(minutes(1));
  if (successes_ != before + 1) return fail("the last invocation was not answered");
  world.pass(minutes(15));
  if (runner_->processes() != 0) fail(std::to_string(runner_->processes()) + " idle environments were not reclaimed");
}

}  // namespace surgetank::sim
