#pragma once
// Deploys templates as stacks, the way CloudFormation does: plan, create and change in dependency order, clean up, or roll back.
// Asynchronous, no threads: everything runs on the lane given at construction. That lane should carry nothing else that is in a
// hurry (function folders are read and hashed on it). Methods may be called from any thread; callbacks come on the lane.
//
// One operation at a time per stack; a second one is refused. The deployer outlives everything it started: destroy it after its
// lane has stopped. After a crash the next deployment finishes what was begun (stack_state.h says what exists).
//
// Behaviour: CloudFormation user guide, "Stack updates", "DeletionPolicy", stack and resource status codes. See README.md for
// differences.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "stack/plan.h"
#include "stack/resource_worker.h"
#include "stack/stack_state.h"

namespace surgetank::stack {

// Something happened to a resource, or to the stack itself (type AWS::CloudFormation::Stack).
struct StackEvent {
  Instant time;
  std::string logical_id;
  std::string type;
  std::string physical_id;
  std::string status;
  std::string reason;  // may be empty
  Duration elapsed;    // since the resource's work began
};
using Progress = std::function<void(const StackEvent&)>;

enum class OnFailure : std::uint8_t { RollBack, Keep };

struct DeployRequest {
  std::string stack_name;
  std::string template_text;
  std::string template_path;  // for messages, and what relative code folders are relative to
  ParameterTexts parameters;  // those not given keep their value of the last deployment
  OnFailure on_failure = OnFailure::RollBack;
};

struct DeployOutcome {
  enum class Kind : std::uint8_t {
    Deployed,   // created, updated or deleted
    Unchanged,  // "No updates are to be performed."
    Planned,    // of plan(): nothing was done
    Invalid,    // see problems; nothing was done
    Refused,    // see reason: no such stack, busy, in use; nothing was done
    Failed,     // see reason and the status of the stack: rolled back, or kept if asked to
  };
  Kind kind = Kind::Failed;
  std::string reason;
  // Invalid: all of them; Failed: where the resource that failed is declared. "template.yaml:12:7: ..."
  std::vector<std::string> problems;
  std::vector<PlannedChange> changes;  // what the plan said
  std::optional<StackState> stack;     // as describe() gives it; nullopt after a deletion
  bool ok() const { return kind == Kind::Deployed || kind == Kind::Unchanged || kind == Kind::Planned; }
};

class StackWork;

class Deployer {
 public:
  struct Options {
    std::string account = "000000000000";
    std::string region = "us-east-1";
    Quotas* quotas = nullptr;  // null: those of AWS
  };
  using Done = UniqueFunction<void(DeployOutcome)>;

  Deployer(Lane& lane, ResourceApi& api, StackStateStore& states, const FileSource& files, Random random, Options options);
  ~Deployer();
  Deployer(const Deployer&) = delete;
  Deployer& operator=(const Deployer&) = delete;

  void deploy(DeployRequest request, Progress progress, Done done);
  // What deploy would do.
  void plan(DeployRequest request, Done done);
  void delete_stack(std::string stack_name, Progress progress, Done done);
  // The operation under way fails before its next resource, and rolls back. Nothing if there is none.
  void cancel(std::string stack_name);
  // Without values of hidden parameters and without properties (which may hold them).
  void describe(std::string stack_name, UniqueFunction<void(std::optional<StackState>)> done);
  void list(UniqueFunction<void(std::vector<StackState>)> done);

 private:
  friend class StackWork;
  bool refuse_busy(const std::string& stack_name, Done& done);

  Lane& lane_;
  ResourceApi& api_;
  StackStateStore& states_;
  const FileSource& files_;
  Random random_;
  Options options_;
  std::map<std::string, std::shared_ptr<StackWork>> running_;  // by stack name; lane only
};

// A store of states in memory, for tests and simulation.
class MemoryStackStateStore final : public StackStateStore {
 public:
  std::optional<std::string> load(const std::string& stack) override;
  void save(const std::string& stack, const std::string& json) override { states_[stack] = json; }
  void erase(const std::string& stack) override { states_.erase(stack); }
  std::vector<std::string> list() override;

 private:
  std::map<std::string, std::string> states_;
};

}  // namespace surgetank::stack
