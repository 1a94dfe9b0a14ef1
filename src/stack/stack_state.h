#pragma once
// What is deployed: one StackState per stack, stored as one JSON text. It is written before and after every change, so that after a
// crash the next deployment knows what exists. Plain values; no secrets of dynamic references are in it, but values of NoEcho
// parameters and SecretString properties are: whoever stores it seals it (kernel/vault.h).
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "stack/parameters.h"
#include "stack/template.h"

namespace surgetank::stack {

// CloudFormation's names, for stacks and resources.
namespace status {
inline constexpr std::string_view create_in_progress = "CREATE_IN_PROGRESS";
inline constexpr std::string_view create_complete = "CREATE_COMPLETE";
inline constexpr std::string_view create_failed = "CREATE_FAILED";
inline constexpr std::string_view update_in_progress = "UPDATE_IN_PROGRESS";
inline constexpr std::string_view update_complete = "UPDATE_COMPLETE";
inline constexpr std::string_view update_failed = "UPDATE_FAILED";
inline constexpr std::string_view update_cleanup = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS";
inline constexpr std::string_view delete_in_progress = "DELETE_IN_PROGRESS";
inline constexpr std::string_view delete_complete = "DELETE_COMPLETE";
inline constexpr std::string_view delete_failed = "DELETE_FAILED";
inline constexpr std::string_view delete_skipped = "DELETE_SKIPPED";
inline constexpr std::string_view rollback_in_progress = "ROLLBACK_IN_PROGRESS";
inline constexpr std::string_view rollback_complete = "ROLLBACK_COMPLETE";
inline constexpr std::string_view rollback_failed = "ROLLBACK_FAILED";
inline constexpr std::string_view update_rollback_in_progress = "UPDATE_ROLLBACK_IN_PROGRESS";
inline constexpr std::string_view update_rollback_complete = "UPDATE_ROLLBACK_COMPLETE";
inline constexpr std::string_view update_rollback_failed = "UPDATE_ROLLBACK_FAILED";
}  // namespace status

struct ResourceState {
  std::string logical_id;
  std::string type;
  std::string status;
  std::string physical_id;       // empty: nothing exists
  std::string ref;               // what Ref gives
  Node attributes = make_map();  // for Fn::GetAtt
  Node properties = make_map();  // evaluated, dynamic references as written
  DeletionPolicy deletion_policy = DeletionPolicy::Delete;
  DeletionPolicy update_replace_policy = DeletionPolicy::Delete;
};

struct OutputState {
  std::string name;
  std::string value;
  std::string local_value;  // the same with the AWS host name of an API of this stack replaced by the one that answers here
  std::string description;
  std::string export_name;
};

struct StackState {
  std::string name;
  std::string id;  // arn:aws:cloudformation:...
  std::string status;
  std::string reason;
  std::string description;
  Instant created;
  Instant updated;
  struct Parameter {
    std::string name;
    std::string value;
    Echo echo = Echo::Shown;
  };
  std::vector<Parameter> parameters;
  std::vector<ResourceState> resources;  // each after what it depends on
  std::vector<ResourceState> leftovers;  // replaced or removed, still to be deleted; each after what it depended on
  std::vector<OutputState> outputs;
  std::vector<std::string> imports;  // names of exports of other stacks that the template uses

  const ResourceState* find(std::string_view logical_id) const;
  ResourceState* find(std::string_view logical_id);
};

std::string encode_state(const StackState& state);
// nullopt: not ours, or damaged.
std::optional<StackState> decode_state(std::string_view json);

// Where states live; the app implements it over its store. Called on the deployer's lane only; may block.
class StackStateStore {
 public:
  virtual ~StackStateStore() = default;
  virtual std::optional<std::string> load(const std::string& stack) = 0;
  virtual void save(const std::string& stack, const std::string& json) = 0;
  virtual void erase(const std::string& stack) = 0;
  virtual std::vector<std::string> list() = 0;  // names, sorted
};

}  // namespace surgetank::stack
