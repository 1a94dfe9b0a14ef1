#pragma once
// Intrinsic functions, pseudo parameters and conditions over a context. Behaviour: CloudFormation user guide, "Intrinsic function
// reference". Evaluation never throws: a mistake becomes a problem with its place, and the value Unknown, which passes silently
// through everything around it, so that one mistake is told once and the rest is still checked.
//
// Values keep the place they were written at. AWS::NoValue removes the member or item that holds it. Templates are hostile: what a
// template evaluates to is bounded by Evaluator::output_bytes, chains of conditions by condition_depth.
// One evaluator belongs to one thread; context and problems are borrowed and outlive it.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "stack/parameters.h"
#include "stack/template_node.h"

namespace surgetank::stack {

// What Ref and Fn::GetAtt of resources give.
class ResourceValues {
 public:
  virtual ~ResourceValues() = default;
  struct Answer {
    enum class Kind : std::uint8_t { Value, NoSuchResource, NoSuchAttribute, NotCreated };  // NotCreated: its Condition is false
    Kind kind = Kind::NoSuchResource;
    Node value = {};                           // String, or Unknown before the resource exists
    std::vector<std::string_view> known = {};  // attributes of the resource, for advice
  };
  virtual Answer ref(std::string_view logical_id) const = 0;
  virtual Answer attribute(std::string_view logical_id, std::string_view name) const = 0;
  virtual std::vector<std::string_view> names() const = 0;  // for advice
};

enum class LanguageExtensions : std::uint8_t { Off, On };

struct PseudoParameters {
  std::string account;
  std::string region;
  std::string stack_name;
  std::string stack_id;
};

struct EvaluationContext {
  PseudoParameters pseudo;
  ParameterValues parameters;
  const Node* mappings = nullptr;    // the section or null
  const Node* conditions = nullptr;  // the section or null
  LanguageExtensions extensions = LanguageExtensions::Off;
  std::map<std::string, std::string, std::less<>> exports;  // of the other stacks
  const ResourceValues* resources = nullptr;                // null: Ref and GetAtt of resources are Unknown
};

class Evaluator {
 public:
  static constexpr std::size_t output_bytes = 8U << 20;
  static constexpr int condition_depth = 30;

  Evaluator(const EvaluationContext& context, Problems& problems) : context_(context), problems_(problems) {}

  // Functions replaced by values, everywhere inside. The value itself may be AWS::NoValue: see is_no_value.
  Node evaluate(const Node& node);
  // A condition of the Conditions section; nullopt if it does not evaluate (a problem was added).
  std::optional<bool> condition(std::string_view name, Position at);
  // A condition function or a reference to a condition, as in the Conditions section and in Rules.
  std::optional<bool> truth(const Node& node);
  // Evaluates every condition and every rule's assertions, for their problems.
  void check_conditions();
  void check_rules(const Node* rules);

 private:
  friend struct FunctionTable;
  enum class Need : std::uint8_t { Text, List };

  Node run_function(const Member& member, Position at);
  Node ref(const Node& argument, Position at);
  Node get_att(const Node& argument, Position at);
  Node choose(const Node& argument, Position at);  // Fn::If
  Node find_in_map(const Node& argument, Position at);
  Node import_value(const Node& argument, Position at);
  Node join(const Node& argument, Position at);
  Node select(const Node& argument, Position at);
  Node split(const Node& argument, Position at);
  Node sub(const Node& argument, Position at);
  Node base64(const Node& argument, Position at);
  Node cidr(const Node& argument, Position at);
  Node get_azs(const Node& argument, Position at);
  Node length(const Node& argument, Position at);
  Node to_json_string(const Node& argument, Position at);
  Node transform(const Node& argument, Position at);
  Node only_in_conditions(const Node& argument, Position at);

  Node fail(Position at, std::string what, std::string advice = {});
  Node fail_in_condition(const std::string& name, Position at);
  Node resource_value(const ResourceValues::Answer& answer, const std::string& name, const std::string& attribute, Position at);
  std::optional<Node> named_value(const std::string& name, Position at);  // parameter, pseudo parameter or resource
  std::optional<Node> pseudo(std::string_view name, Position at) const;
  std::vector<std::string_view> referable_names() const;
  // The arguments of a function that takes a list; nullopt: a problem was added.
  std::optional<std::vector<Node>> arguments(std::string_view function, const Node& argument, Position at, std::size_t least,
                                             std::size_t most);
  // Text of a scalar; nullopt with a problem, or silently for Unknown (then *unknown is set).
  std::optional<std::string> text(std::string_view function, const Node& value, bool* unknown);
  std::optional<bool> condition_function(const Member& member, Position at);
  std::optional<bool> member_rule(const std::string& name, const Node& argument, Position at);
  void check_rule(const Member& rule);
  bool charge(std::size_t bytes, Position at);

  const EvaluationContext& context_;
  Problems& problems_;
  std::map<std::string, std::optional<bool>, std::less<>> known_conditions_;
  std::vector<std::string> open_conditions_;
  int truth_depth_ = 0;  // > 0: inside a condition, where resources have no values
  std::size_t produced_ = 0;
};

bool is_no_value(const Node& node);
// The one member of a map that calls a function ("Ref", "Fn::..."); null if the node is no call.
const Member* function_call(const Node& node);

// A name that a value refers to, with the place it is mentioned: Ref, Fn::GetAtt, ${} of Fn::Sub. Conditions are not looked at.
struct Reference {
  std::string name;
  std::string attribute;  // of GetAtt
  Position position;
};
std::vector<Reference> references_in(const Node& node);

// The variables of an Fn::Sub pattern: "Name", "Resource.Attribute", in order; nullopt if a `${` is not closed.
struct SubPart {
  enum class Kind : std::uint8_t { Literal, Variable };
  Kind kind = Kind::Literal;
  std::string text;
};
std::optional<std::vector<SubPart>> parse_sub(std::string_view pattern);

}  // namespace surgetank::stack
