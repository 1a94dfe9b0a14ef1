#pragma once
// One operation on one stack under way: what deployments and deletions have in common. Inside of the deployer; lane only.
#include <memory>
#include <string>
#include <vector>

#include "stack/deployer.h"

namespace surgetank::stack {

class StackWork : public std::enable_shared_from_this<StackWork> {
 public:
  StackWork(Deployer& deployer, std::string stack_name, Progress progress, Deployer::Done done);
  virtual ~StackWork() = default;
  virtual void start() = 0;
  void cancel() { cancelled_ = true; }

 protected:
  // Deletes resources, the last one first. `keep_failed` is told about each that could not be deleted; `then` runs at the end.
  struct Removal {
    std::vector<ResourceState> resources;
    enum class Policy : std::uint8_t { Honour, HonourOnCreate } policy = Policy::Honour;
    std::function<void(const ResourceState&)> removed;  // deleted, or left alone by its policy
    std::function<void(const ResourceState&, const std::string& reason)> failed;
    std::function<void()> then;
  };
  void remove_all(std::shared_ptr<Removal> removal);

  void save();
  void set_status(std::string_view status, std::string reason = {});  // of the stack: saved and told
  void tell(const ResourceState& resource, std::string_view status, std::string reason = {});
  void begin_clock() { began_ = deployer_.lane_.now(); }
  Instant now() const { return deployer_.lane_.now(); }
  void finish(DeployOutcome outcome);
  WorkEnvironment environment() const;
  std::map<std::string, std::string, std::less<>> exports_of_others() const;
  // The stack that imports one of these export names, if any.
  std::string importer_of(const std::vector<std::string>& export_names) const;
  std::string unique_suffix() { return deployer_.random_.from_alphabet("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 12); }
  std::string new_stack_id();
  const FileSource& files() const { return deployer_.files_; }
  StackStateStore& states() const { return deployer_.states_; }
  const Deployer::Options& options() const { return deployer_.options_; }
  const std::string& stack_name() const { return stack_name_; }
  bool cancelled() const { return cancelled_; }

  StackState state_;
  std::vector<Secret<std::string>> hidden_;

 private:
  Deployer& deployer_;
  std::string stack_name_;
  Progress progress_;
  Deployer::Done done_;
  Instant began_;
  bool cancelled_ = false;
};

// A state without what must not be shown.
StackState shown_state(StackState state);

enum class Intent : std::uint8_t { Deploy, OnlyPlan };
std::shared_ptr<StackWork> make_deployment(Deployer& deployer, DeployRequest request, Progress progress, Deployer::Done done,
                                           Intent intent);
std::shared_ptr<StackWork> make_removal(Deployer& deployer, std::string stack_name, Progress progress, Deployer::Done done);

}  // namespace surgetank::stack
