#pragma once
// What a deployment would do: the new template against what is deployed. Making a plan evaluates and checks every property, with
// Unknown for what only exists afterwards, so that everything wrong is told before anything is changed. Pure but for reading the
// folders of functions; deployer's lane.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "stack/file_source.h"
#include "stack/stack_state.h"
#include "stack/template.h"

namespace surgetank::stack {

enum class Action : std::uint8_t { Unchanged, Create, Update, Replace, Delete };
std::string_view action_name(Action action);

struct PlannedChange {
  Action action = Action::Unchanged;
  std::string logical_id;
  std::string type;
  std::vector<std::string> changed;  // top-level properties: what to update, or why to replace
  std::string reason;                // in words
};

// Ref and Fn::GetAtt over what is deployed by now; what will be created is Unknown until it is known.
class DeployedValues final : public ResourceValues {
 public:
  explicit DeployedValues(const Template& source) : source_(source) {}
  void know(const ResourceState& resource);
  void forget(const std::string& logical_id) { known_.erase(logical_id); }
  Answer ref(std::string_view logical_id) const override;
  Answer attribute(std::string_view logical_id, std::string_view name) const override;
  std::vector<std::string_view> names() const override;

 private:
  Answer declared(std::string_view logical_id) const;
  const Template& source_;
  struct Known {
    std::string ref;
    Node attributes;
  };
  std::map<std::string, Known, std::less<>> known_;
};

// Function code on this machine: Code becomes {LocalPath, LocalHash, LocalSize} with an absolute path. Remembers what it hashed.
class CodeResolver {
 public:
  CodeResolver(const FileSource& files, std::string folder) : files_(files), folder_(std::move(folder)) {}
  void resolve(Node& properties, Problems& problems);
  // For a request: a package that is a file becomes its bytes.
  Node for_request(const Node& properties) const;

 private:
  const FileSource& files_;
  std::string folder_;  // of the template
  std::map<std::string, FolderHash> hashed_;
};

// The properties of one resource, evaluated and checked against its schema.
Node evaluate_properties(const ResourceDeclaration& resource, const EvaluationContext& context, CodeResolver& code, Problems& problems);
// What has to happen to one resource. `deployed` null: it does not exist.
PlannedChange decide(const ResourceDeclaration& resource, const Node& properties, const ResourceState* deployed);

struct Plan {
  std::vector<PlannedChange> changes;  // in the order of execution; deletions last
  bool has_changes() const;
};
// `deployed` null: a new stack.
Plan make_plan(const Template& source, const EvaluationContext& context_without_resources, const StackState* deployed, CodeResolver& code,
               Problems& problems);

// Outputs with what is known; local values from the endpoints of the stack's APIs.
std::vector<OutputState> evaluate_outputs(const Template& source, const EvaluationContext& context,
                                          const std::vector<ResourceState>& resources, Problems& problems);
// Names given to Fn::ImportValue that are known without resources.
std::vector<std::string> imported_names(const Template& source, const EvaluationContext& context);

}  // namespace surgetank::stack
