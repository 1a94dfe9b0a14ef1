#include "stack/deployer.h"

#include "stack/stack_work.h"

namespace surgetank::stack {

Deployer::Deployer(Lane& lane, ResourceApi& api, StackStateStore& states, const FileSource& files, Random random, Options options)
    : lane_(lane), api_(api), states_(states), files_(files), random_(random), options_(std::move(options)) {}

Deployer::~Deployer() = default;

bool Deployer::refuse_busy(const std::string& stack_name, Done& done) {
  if (!running_.contains(stack_name)) return false;
  DeployOutcome outcome;
  outcome.kind = DeployOutcome::Kind::Refused;
  outcome.reason = "stack " + stack_name + " is being changed already; wait until that is done";
  done(std::move(outcome));
  return true;
}

void Deployer::deploy(DeployRequest request, Progress progress, Done done) {
  lane_.post([this, request = std::move(request), progress = std::move(progress), done = std::move(done)]() mutable {
    if (refuse_busy(request.stack_name, done)) return;
    const std::string name = request.stack_name;
    const auto work = make_deployment(*this, std::move(request), std::move(progress), std::move(done), Intent::Deploy);
    running_[name] = work;
    work->start();
  });
}

void Deployer::plan(DeployRequest request, Done done) {
  lane_.post([this, request = std::move(request), done = std::move(done)]() mutable {
    if (refuse_busy(request.stack_name, done)) return;
    make_deployment(*this, std::move(request), {}, std::move(done), Intent::OnlyPlan)->start();
  });
}

void Deployer::delete_stack(std::string stack_name, Progress progress, Done done) {
  lane_.post([this, stack_name = std::move(stack_name), progress = std::move(progress), done = std::move(done)]() mutable {
    if (refuse_busy(stack_name, done)) return;
    const auto work = make_removal(*this, stack_name, std::move(progress), std::move(done));
    running_[stack_name] = work;
    work->start();
  });
}

void Deployer::cancel(std::string stack_name) {
  lane_.post([this, stack_name = std::move(stack_name)] {
    if (const auto found = running_.find(stack_name); found != running_.end()) found->second->cancel();
  });
}

void Deployer::describe(std::string stack_name, UniqueFunction<void(std::optional<StackState>)> done) {
  lane_.post([this, stack_name = std::move(stack_name), done = std::move(done)]() mutable {
    const std::optional<std::string> json = states_.load(stack_name);
    std::optional<StackState> state = json ? decode_state(*json) : std::nullopt;
    if (state) state = shown_state(std::move(*state));
    done(std::move(state));
  });
}

void Deployer::list(UniqueFunction<void(std::vector<StackState>)> done) {
  lane_.post([this, done = std::move(done)]() mutable {
    std::vector<StackState> stacks;
    for (const std::string& name : states_.list()) {
      const std::optional<std::string> json = states_.load(name);
      std::optional<StackState> state = json ? decode_state(*json) : std::nullopt;
      if (state) stacks.push_back(shown_state(std::move(*state)));
    }
    done(std::move(stacks));
  });
}

std::optional<std::string> MemoryStackStateStore::load(const std::string& stack) {
  const auto found = states_.find(stack);
  if (found == states_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> MemoryStackStateStore::list() {
  std::vector<std::string> names;
  for (const auto& [name, json] : states_) names.push_back(name);
  return names;
}

}  // namespace surgetank::stack
