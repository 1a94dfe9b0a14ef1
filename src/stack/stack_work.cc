#include "stack/stack_work.h"

#include <algorithm>

namespace surgetank::stack {

StackWork::StackWork(Deployer& deployer, std::string stack_name, Progress progress, Deployer::Done done)
    : deployer_(deployer),
      stack_name_(std::move(stack_name)),
      progress_(std::move(progress)),
      done_(std::move(done)),
      began_(deployer.lane_.now()) {}

void StackWork::save() {
  state_.updated = now();
  deployer_.states_.save(state_.name, encode_state(state_));
}

void StackWork::set_status(std::string_view status, std::string reason) {
  state_.status = status;
  state_.reason = std::move(reason);
  save();
  if (progress_) progress_({now(), state_.name, "AWS::CloudFormation::Stack", state_.id, state_.status, state_.reason, {}});
}

void StackWork::tell(const ResourceState& resource, std::string_view status, std::string reason) {
  if (status.ends_with("IN_PROGRESS")) begin_clock();
  if (progress_) {
    progress_({now(), resource.logical_id, resource.type, resource.physical_id, std::string(status), std::move(reason), now() - began_});
  }
}

void StackWork::finish(DeployOutcome outcome) {
  const auto self = shared_from_this();
  deployer_.running_.erase(stack_name_);
  Deployer::Done done = std::move(done_);
  done(std::move(outcome));
}

WorkEnvironment StackWork::environment() const {
  return {deployer_.lane_, deployer_.api_, deployer_.options_.account, deployer_.options_.region, hidden_};
}

std::string StackWork::new_stack_id() {
  return "arn:aws:cloudformation:" + options().region + ":" + options().account + ":stack/" + stack_name_ + "/" + deployer_.random_.uuid();
}

std::map<std::string, std::string, std::less<>> StackWork::exports_of_others() const {
  std::map<std::string, std::string, std::less<>> exports;
  for (const std::string& name : deployer_.states_.list()) {
    if (name == stack_name_) continue;
    const std::optional<std::string> json = deployer_.states_.load(name);
    const std::optional<StackState> other = json ? decode_state(*json) : std::nullopt;
    for (const OutputState& output : other ? other->outputs : std::vector<OutputState>()) {
      if (!output.export_name.empty()) exports.emplace(output.export_name, output.value);
    }
  }
  return exports;
}

std::string StackWork::importer_of(const std::vector<std::string>& export_names) const {
  for (const std::string& name : deployer_.states_.list()) {
    const std::optional<std::string> json = name == stack_name_ ? std::nullopt : deployer_.states_.load(name);
    const std::optional<StackState> other = json ? decode_state(*json) : std::nullopt;
    for (const std::string& used : other ? other->imports : std::vector<std::string>()) {
      if (std::find(export_names.begin(), export_names.end(), used) != export_names.end()) return name;
    }
  }
  return "";
}

void StackWork::remove_all(std::shared_ptr<Removal> removal) {
  if (removal->resources.empty()) return removal->then();
  const ResourceState resource = std::move(removal->resources.back());
  removal->resources.pop_back();
  if (resource.physical_id.empty()) {
    removal->removed(resource);
    return remove_all(std::move(removal));
  }
  const bool fresh = removal->policy == Removal::Policy::HonourOnCreate;
  const bool kept =
      resource.deletion_policy == DeletionPolicy::Retain || (!fresh && (resource.deletion_policy == DeletionPolicy::RetainExceptOnCreate ||
                                                                        resource.deletion_policy == DeletionPolicy::Snapshot));
  if (kept) {
    const bool snapshot = resource.deletion_policy == DeletionPolicy::Snapshot;
    tell(resource, status::delete_skipped,
         snapshot ? "kept: there are no snapshots here, so Snapshot keeps the resource" : "kept by its DeletionPolicy");
    removal->removed(resource);
    return remove_all(std::move(removal));
  }
  tell(resource, status::delete_in_progress);
  remove_resource(environment(), resource, [self = shared_from_this(), removal, resource](WorkResult result) mutable {
    self->tell(resource, result.ok ? status::delete_complete : status::delete_failed, result.reason);
    if (result.ok) {
      removal->removed(resource);
    } else {
      removal->failed(resource, result.reason);
    }
    self->remove_all(std::move(removal));
  });
}

StackState shown_state(StackState state) {
  for (StackState::Parameter& parameter : state.parameters) {
    if (parameter.echo == Echo::Hidden) parameter.value = "****";
  }
  for (ResourceState& resource : state.resources) resource.properties = make_map();
  for (ResourceState& resource : state.leftovers) resource.properties = make_map();
  return state;
}

}  // namespace surgetank::stack
