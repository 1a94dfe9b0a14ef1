// Going back: what this deployment has done is undone, the last thing first, and the stack is what it was before.
#include <algorithm>

#include "stack/deployment.h"
#include "stack/resource_schema.h"

namespace surgetank::stack {

void Deployment::fail(std::string reason, Position at) {
  failure_ = std::move(reason);
  if (at.line > 0) problems_.add(at, failure_);
  if (request_.on_failure == OnFailure::Keep) return failed_for_good(is_creation() ? status::create_failed : status::update_failed);
  if (is_creation()) return roll_back_creation();
  roll_back_update();
}

void Deployment::roll_back_creation() {
  set_status(status::rollback_in_progress, failure_);
  auto removal = std::make_shared<Removal>();
  removal->resources = state_.resources;
  removal->policy = Removal::Policy::HonourOnCreate;
  removal->removed = [this](const ResourceState& gone) {
    std::erase_if(state_.resources, [&gone](const ResourceState& one) { return one.logical_id == gone.logical_id; });
    save();
  };
  removal->failed = [this](const ResourceState& kept, const std::string& reason) {
    if (ResourceState* present = state_.find(kept.logical_id); present != nullptr) present->status = status::delete_failed;
    undo_failures_.push_back(kept.logical_id + ": " + reason);
    save();
  };
  removal->then = [this] { failed_for_good(undo_failures_.empty() ? status::rollback_complete : status::rollback_failed); };
  remove_all(std::move(removal));
}

void Deployment::roll_back_update() {
  set_status(status::update_rollback_in_progress, failure_);
  undo_next();
}

void Deployment::undo_next() {
  if (journal_.empty()) {
    // As it was, in the order it was; what could not be undone stays as it is.
    std::vector<ResourceState> resources;
    for (const ResourceState& old : original_->resources) {
      if (const ResourceState* present = state_.find(old.logical_id); present != nullptr) resources.push_back(*present);
    }
    for (const ResourceState& present : state_.resources) {
      if (original_->find(present.logical_id) == nullptr) resources.push_back(present);
    }
    state_.resources = std::move(resources);
    return failed_for_good(undo_failures_.empty() ? status::update_rollback_complete : status::update_rollback_failed);
  }
  const Journal entry = std::move(journal_.back());
  journal_.pop_back();
  if (entry.action == Action::Update) return undo_update(entry);
  undo_creation(entry);
}

// What was created goes. What it replaced still exists and is the resource again.
void Deployment::undo_creation(const Journal& entry) {
  const ResourceState created = *state_.find(entry.logical_id);
  const auto undone = [this, entry, created] {
    if (entry.action == Action::Replace) {
      *state_.find(entry.logical_id) = entry.before;
      std::erase_if(state_.leftovers, [&entry](const ResourceState& one) {
        return one.logical_id == entry.logical_id && one.physical_id == entry.before.physical_id;
      });
    } else {
      std::erase_if(state_.resources, [&entry](const ResourceState& one) { return one.logical_id == entry.logical_id; });
    }
    save();
  };
  if (created.physical_id.empty()) {
    undone();
    return undo_next();
  }
  tell(created, status::delete_in_progress);
  remove_resource(environment(), created, [this, self = shared_from_this(), created, undone, entry](WorkResult result) {
    tell(created, result.ok ? status::delete_complete : status::delete_failed, result.reason);
    if (!result.ok && entry.action == Action::Replace) state_.leftovers.push_back(created);
    if (result.ok || entry.action == Action::Replace) {
      undone();
    } else {
      state_.find(entry.logical_id)->status = status::delete_failed;
    }
    if (!result.ok) undo_failures_.push_back(entry.logical_id + ": " + result.reason);
    undo_next();
  });
}

void Deployment::undo_update(const Journal& entry) {
  ResourceState& present = *state_.find(entry.logical_id);
  const ResourceSchema* schema = find_resource_schema(present.type);
  if (entry.attempted) present.properties = *entry.attempted;
  std::vector<std::string> changed = changed_properties(*schema, present.properties, entry.before.properties);
  present.status = status::update_in_progress;
  save();
  tell(present, status::update_in_progress, "rolling back");
  const ResourceState current = present;
  update_resource(environment(), code_, current, entry.before.properties, std::move(changed),
                  [this, self = shared_from_this(), entry](WorkResult result) {
                    ResourceState& restored = *state_.find(entry.logical_id);
                    if (result.ok) {
                      restored = entry.before;
                      restored.status = status::update_complete;
                    } else {
                      restored.status = status::update_failed;
                      undo_failures_.push_back(entry.logical_id + ": " + result.reason);
                    }
                    save();
                    tell(restored, restored.status, result.reason);
                    undo_next();
                  });
}

void Deployment::failed_for_good(std::string_view final_status) {
  std::string reason = failure_;
  if (!undo_failures_.empty()) reason += "; rolling back failed: " + undo_failures_.front();
  set_status(final_status, reason);
  DeployOutcome outcome;
  outcome.kind = DeployOutcome::Kind::Failed;
  outcome.reason = std::move(reason);
  outcome.problems = problems_.lines();
  outcome.changes = plan_.changes;
  outcome.stack = shown_state(state_);
  finish(std::move(outcome));
}

}  // namespace surgetank::stack
