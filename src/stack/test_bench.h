#pragma once
// For tests: a deployer over TestCloud, TestFiles and a store in memory, driven to the end of each operation.
#include <fstream>
#include <sstream>

#include "stack/test_cloud.h"

namespace surgetank::stack {

struct TestBench {
  explicit TestBench(Quotas* quotas = nullptr) : deployer(lane, cloud, states, files, Random(7), {.quotas = quotas}) {}

  TestLane lane;
  TestCloud cloud;
  TestFiles files;
  MemoryStackStateStore states;
  Deployer deployer;
  std::vector<std::string> events;  // "Api CREATE_COMPLETE"
  std::vector<StackEvent> full_events;

  Progress progress() {
    return [this](const StackEvent& event) {
      events.push_back(event.logical_id + " " + event.status);
      full_events.push_back(event);
    };
  }

  DeployOutcome deploy(std::string text, ParameterTexts parameters = {}, OnFailure on_failure = OnFailure::RollBack,
                       std::string stack = "shop") {
    DeployRequest request;
    request.stack_name = std::move(stack);
    request.template_text = std::move(text);
    request.template_path = "/app/t.yaml";
    request.parameters = std::move(parameters);
    request.on_failure = on_failure;
    events.clear();
    full_events.clear();
    DeployOutcome result;
    deployer.deploy(std::move(request), progress(), [&result](DeployOutcome outcome) { result = std::move(outcome); });
    lane.run();
    return result;
  }

  DeployOutcome plan(std::string text) {
    DeployRequest request;
    request.stack_name = "shop";
    request.template_text = std::move(text);
    request.template_path = "/app/t.yaml";
    DeployOutcome result;
    deployer.plan(std::move(request), [&result](DeployOutcome outcome) { result = std::move(outcome); });
    lane.run();
    return result;
  }

  DeployOutcome remove(std::string stack = "shop") {
    events.clear();
    DeployOutcome result;
    deployer.delete_stack(std::move(stack), progress(), [&result](DeployOutcome outcome) { result = std::move(outcome); });
    lane.run();
    return result;
  }

  std::optional<StackState> describe(std::string stack = "shop") {
    std::optional<StackState> result;
    deployer.describe(std::move(stack), [&result](std::optional<StackState> state) { result = std::move(state); });
    lane.run();
    return result;
  }

  StackState stored(const std::string& stack = "shop") { return decode_state(states.load(stack).value_or("{}")).value_or(StackState{}); }
};

inline std::string explain(const DeployOutcome& outcome) {
  std::string text = outcome.reason + "\n";
  for (const std::string& line : outcome.problems) text += line + "\n";
  return text;
}

// "create Api, update Function": what a plan or a deployment wanted, without what is unchanged.
inline std::string changes_of(const DeployOutcome& outcome) {
  std::string text;
  for (const PlannedChange& change : outcome.changes) {
    if (change.action == Action::Unchanged) continue;
    text += (text.empty() ? "" : ", ") + std::string(action_name(change.action)) + " " + change.logical_id;
  }
  return text;
}

}  // namespace surgetank::stack
