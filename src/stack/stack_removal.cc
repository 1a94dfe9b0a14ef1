// Deleting a stack: everything in reverse order, as far as the policies want it.
#include "stack/stack_work.h"

namespace surgetank::stack {
namespace {

class StackRemoval final : public StackWork {
 public:
  using StackWork::StackWork;

  void start() override {
    const std::optional<std::string> json = states().load(stack_name());
    std::optional<StackState> state = json ? decode_state(*json) : std::nullopt;
    if (!json) return refuse("there is no stack " + stack_name());
    if (!state) return refuse("the stored state of stack " + stack_name() + " is damaged");
    state_ = std::move(*state);
    std::vector<std::string> exported;
    for (const OutputState& output : state_.outputs) exported.push_back(output.export_name);
    std::erase(exported, "");
    const std::string importer = importer_of(exported);
    if (!importer.empty()) return refuse("stack " + importer + " imports an export of " + stack_name() + "; delete that stack first");
    for (const StackState::Parameter& parameter : state_.parameters) {
      if (parameter.echo == Echo::Hidden) hidden_.emplace_back(parameter.value);
    }
    set_status(status::delete_in_progress);
    auto removal = std::make_shared<Removal>();
    removal->resources = state_.leftovers;
    removal->resources.insert(removal->resources.end(), state_.resources.begin(), state_.resources.end());
    removal->removed = [this](const ResourceState& resource) { forget(resource); };
    removal->failed = [this](const ResourceState& resource, const std::string& reason) { failed(resource, reason); };
    removal->then = [this] { done(); };
    remove_all(std::move(removal));
  }

 private:
  void refuse(std::string reason) {
    DeployOutcome outcome;
    outcome.kind = DeployOutcome::Kind::Refused;
    outcome.reason = std::move(reason);
    finish(std::move(outcome));
  }

  void forget(const ResourceState& gone) {
    const auto same = [&gone](const ResourceState& resource) {
      return resource.logical_id == gone.logical_id && resource.physical_id == gone.physical_id;
    };
    std::erase_if(state_.resources, same);
    std::erase_if(state_.leftovers, same);
    save();
  }

  void failed(const ResourceState& resource, const std::string& reason) {
    if (ResourceState* kept = state_.find(resource.logical_id); kept != nullptr && kept->physical_id == resource.physical_id) {
      kept->status = status::delete_failed;
    }
    failures_.push_back(resource.logical_id + ": " + reason);
    save();
  }

  void done() {
    DeployOutcome outcome;
    if (failures_.empty()) {
      set_status(status::delete_complete);
      states().erase(stack_name());
      outcome.kind = DeployOutcome::Kind::Deployed;
      return finish(std::move(outcome));
    }
    outcome.reason = "not everything could be deleted: " + failures_.front();
    set_status(status::delete_failed, outcome.reason);
    outcome.stack = shown_state(state_);
    finish(std::move(outcome));
  }

  std::vector<std::string> failures_;
};

}  // namespace

std::shared_ptr<StackWork> make_removal(Deployer& deployer, std::string stack_name, Progress progress, Deployer::Done done) {
  return std::make_shared<StackRemoval>(deployer, std::move(stack_name), std::move(progress), std::move(done));
}

}  // namespace surgetank::stack
