#pragma once
// Inside of the SAM transform: the state that its parts share while one template is transformed. See sam.h for what it does.
// Parts: sam.cc (order of work, implicit API), sam_globals.cc, sam_function.cc, sam_alias.cc, sam_role.cc, sam_http_api.cc.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "stack/intrinsics.h"

namespace surgetank::stack {

class SamTransformer {
 public:
  SamTransformer(Node& root, const EvaluationContext& context, Problems& problems)
      : root_(root), evaluator_(context, problems), problems_(problems) {}
  void run();

 private:
  // A route that an event asks for.
  struct Route {
    std::string api;    // logical id
    std::string key;    // "POST /orders", "$default"
    Position position;  // of the event
    Node settings;      // RouteSettings of the event, or Null
  };
  enum class Handling : std::uint8_t { Passed, Own, Unsupported };
  struct Property {
    std::string_view name;
    Handling handling;
  };
  static const std::vector<Property>& function_properties();
  static const std::vector<Property>& http_api_properties();

  // sam_globals.cc
  void apply_globals();
  void merge_globals(const std::string& section, const Node& globals);

  // sam_function.cc
  void transform_function(const Member& resource);
  Node function_code(const Node& properties, Position at);
  void transform_event(const Member& function, const Member& event);
  std::string event_api(const Node& properties, const Member& event);
  std::optional<std::string> route_key(const Node& properties, const Member& event);
  std::string integration_of(const Member& function, const std::string& api, const Node& properties);

  // sam_alias.cc
  std::string alias_id(const Member& function);                // empty: it has no AutoPublishAlias
  Node invoked_function(const Member& function, Position at);  // the alias, or the function
  void add_alias(const Member& function, const Node& properties, const Node& code);

  // sam_event_invoke.cc
  struct EventTarget {
    std::string type;  // SQS, Lambda
    Node arn;
    std::string queue_id;  // of a queue that is made for it; empty: the target is given
  };
  std::optional<Node> dead_letter_target(const Node& properties);
  std::optional<EventTarget> event_target(const Member& function, const Node& properties, std::string_view condition);
  void check_event_invoke(const Node& config);
  void add_event_invoke(const Member& function, const Node& properties);
  void add_event_policies(const Member& function, const Node& properties, Node& inlined);

  // sam_event_source.cc
  static bool has_queue_events(const Node& properties);
  void transform_queue_event(const Member& function, const Member& event, const Node& properties);

  // sam_role.cc
  void add_role(const Member& function, const Node& properties);
  void add_policy(const Node& policy, const std::string& role, std::size_t index, Node& managed, Node& inlined);

  // sam_http_api.cc
  void transform_http_api(const Member& resource);
  void add_stage(const Member& resource, const Node& properties);
  Node cors(const Node& configuration);
  void add_implicit_api();

  // sam.cc
  enum class Attributes : std::uint8_t { Main, Derived };
  // A generated resource: Condition and the policies come along; DependsOn and Metadata only to the main one. The properties.
  Node& emit(const std::string& logical_id, std::string_view type, const Member& source, Attributes attributes);
  void check_members(const Member& resource, const std::vector<Property>& known, std::string_view type);
  void check_attributes(const Member& resource);
  void transform_resource(const Member& resource);
  // Parameters, conditions and pseudo parameters inserted; Unknown (with a problem) if that does not give text.
  std::optional<std::string> known_text(const Node& node, std::string_view what);
  Node tags(const Node* written, std::string_view creator_key);

  Node& root_;
  Evaluator evaluator_;
  Problems& problems_;
  Node source_;     // the Resources section as written, Globals merged
  Node resources_;  // what comes out
  std::vector<Route> routes_;
  std::set<std::string> route_ids_;
  std::vector<std::string> implicit_conditions_;  // of the functions that use the implicit API; empty: always
  bool implicit_always_ = false;
  bool implicit_used_ = false;
  Position implicit_position_;
};

// "POST /orders/{id}" -> "PostOrdersId": a part of a logical id.
std::string id_part(std::string_view text);
// SAM's stable suffix: the first ten hex digits of the SHA-1.
std::string sam_hash(std::string_view text);

}  // namespace surgetank::stack
