#pragma once
// One deployment under way: prepare (load, plan, refuse), execute resource by resource, finish or roll back. Inside of the deployer;
// lane only. deployment.cc goes forward, deployment_rollback.cc goes back.
#include "stack/stack_work.h"

namespace surgetank::stack {

class Deployment final : public StackWork {
 public:
  Deployment(Deployer& deployer, DeployRequest request, Progress progress, Deployer::Done done, Intent intent);
  void start() override;

 private:
  // What was done to one resource, to be undone in reverse order.
  struct Journal {
    Action action = Action::Unchanged;  // Create, Update or Replace
    ResourceState before;               // of Update and Replace
    std::string logical_id;
    std::optional<Node> attempted = {};  // of an Update that failed: what it wanted; how far it came is not known
  };

  // --- prepare ---
  bool load_state();
  bool load_source(DeployOutcome& outcome);
  bool check_exports(Problems& problems);
  bool within(const QuotaRow& row, std::size_t amount, DeployOutcome& outcome) const;
  bool nothing_to_do(const Plan& plan, const std::vector<OutputState>& outputs) const;
  void open_stack();
  bool is_creation() const;

  // --- execute ---
  void next();
  void skip(const ResourceDeclaration& declaration, ResourceState& present);
  void create(const ResourceDeclaration& declaration, Node properties);
  void create_now(ResourceState resource, Journal entry);
  void created(ResourceState resource, Journal entry, WorkResult result);
  void update(const ResourceDeclaration& declaration, Node properties, PlannedChange change);
  void updated(ResourceState before, const Node& properties, WorkResult result);
  void replace(const ResourceDeclaration& declaration, Node properties);
  ResourceState new_resource(const ResourceDeclaration& declaration, Node properties);
  ResourceState& put(ResourceState resource);

  // --- finish ---
  void all_done();
  void sort_resources();
  void clean_up();
  void succeed(std::string_view final_status);

  // --- roll back (deployment_rollback.cc) ---
  void fail(std::string reason, Position at = {});
  void roll_back_creation();
  void roll_back_update();
  void undo_next();
  void undo_creation(const Journal& entry);
  void undo_update(const Journal& entry);
  void failed_for_good(std::string_view status);

  DeployRequest request_;
  Intent intent_;
  std::optional<StackState> original_;
  std::optional<Template> source_;
  EvaluationContext context_;
  std::optional<DeployedValues> values_;
  CodeResolver code_;
  Problems problems_;
  Plan plan_;
  std::size_t index_ = 0;  // into source_->resources
  std::vector<Journal> journal_;
  std::string failure_;
  std::vector<std::string> undo_failures_;
};

}  // namespace surgetank::stack
