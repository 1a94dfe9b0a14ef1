// Asynchronous invocation of AWS::Serverless::Function: EventInvokeConfig (with queues that SAM makes itself) and DeadLetterQueue.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "stack/sam_transformer.h"

namespace surgetank::stack {
namespace {

constexpr std::array<std::string_view, 2> target_types{"Lambda", "SQS"};
constexpr std::array<std::string_view, 2> dead_letter_members{"TargetArn", "Type"};
constexpr std::array<std::string_view, 3> config_members{"DestinationConfig", "MaximumEventAgeInSeconds", "MaximumRetryAttempts"};
constexpr std::array<std::string_view, 2> destination_members{"Destination", "Type"};
constexpr std::array<std::string_view, 2> conditions{"OnFailure", "OnSuccess"};

Node allow(std::string_view policy_name, std::string_view action, Node resource, Position at) {
  Node statement = make_map(at);
  statement.set("Action", make_string(action, at));
  statement.set("Effect", make_string("Allow", at));
  statement.set("Resource", std::move(resource));
  Node entry = make_map(at);
  entry.set("PolicyName", make_string(policy_name, at));
  Node& document = entry.set("PolicyDocument", make_map(at));
  document.set("Version", make_string("2012-10-17", at));
  document.set("Statement", make_list(at)).items.push_back(std::move(statement));
  return entry;
}

bool only_known(const Node& map, std::span<const std::string_view> known, std::string_view what, Problems& problems) {
  if (!map.is(NodeKind::Map)) {
    problems.add(map.position, std::string(what) + " must be a map", one_of("", known));
    return false;
  }
  for (const Member& member : map.members) {
    if (std::find(known.begin(), known.end(), member.key) == known.end())
      problems.add(member.key_position, std::string(what) + " has no property `" + member.key + "`", one_of(member.key, known));
  }
  return true;
}

std::string config_id(const Member& function) { return function.key + "EventInvokeConfig"; }

}  // namespace

std::optional<Node> SamTransformer::dead_letter_target(const Node& properties) {
  const Node* queue = properties.find("DeadLetterQueue");
  if (queue == nullptr || !only_known(*queue, dead_letter_members, "DeadLetterQueue", problems_)) return std::nullopt;
  const Node* type = queue->find("Type");
  const Node* target = queue->find("TargetArn");
  if (type == nullptr || target == nullptr) {
    problems_.add(queue->position, "DeadLetterQueue needs Type and TargetArn", "write `Type: SQS` and `TargetArn: !GetAtt Queue.Arn`");
    return std::nullopt;
  }
  if (type->text != "SQS") {
    problems_.add(type->position, "a DeadLetterQueue of type `" + type->text + "` is not supported", "use SQS");
    return std::nullopt;
  }
  return *target;
}

std::optional<SamTransformer::EventTarget> SamTransformer::event_target(const Member& function, const Node& properties,
                                                                        std::string_view condition) {
  const Node* config = properties.find("EventInvokeConfig");
  const Node* destinations = config == nullptr ? nullptr : config->find("DestinationConfig");
  const Node* written = destinations == nullptr ? nullptr : destinations->find(condition);
  if (written == nullptr || !written->is(NodeKind::Map)) return std::nullopt;
  const Node* type = written->find("Type");
  const Node* target = written->find("Destination");
  const std::string name = type == nullptr ? "" : type->text;
  if (target != nullptr) return EventTarget{.type = name, .arn = *target, .queue_id = {}};
  if (name != "SQS") return std::nullopt;
  const std::string queue_id = config_id(function) + std::string(condition) + "Queue";
  return EventTarget{.type = name, .arn = make_get_att(queue_id, "Arn", written->position), .queue_id = queue_id};
}

void SamTransformer::check_event_invoke(const Node& config) {
  if (!only_known(config, config_members, "EventInvokeConfig", problems_)) return;
  const Node* destinations = config.find("DestinationConfig");
  if (destinations == nullptr || !only_known(*destinations, conditions, "DestinationConfig", problems_)) return;
  for (const Member& destination : destinations->members) {
    if (!only_known(destination.value, destination_members, destination.key, problems_)) continue;
    const Node* type = destination.value.find("Type");
    const std::string name = type == nullptr ? "" : type->text;
    if (type != nullptr && std::find(target_types.begin(), target_types.end(), name) == target_types.end()) {
      problems_.add(type->position, "a destination of type `" + name + "` is not supported", one_of(name, target_types));
    } else if (destination.value.find("Destination") == nullptr && name != "SQS") {
      problems_.add(destination.key_position, destination.key + " has no Destination", "name an ARN, or write `Type: SQS` for a new queue");
    }
  }
}

void SamTransformer::add_event_invoke(const Member& function, const Node& properties) {
  const Node* written = properties.find("EventInvokeConfig");
  if (written == nullptr) return;
  check_event_invoke(*written);
  const Position at = written->position;
  Node destinations = make_map(at);
  for (const std::string_view condition : {"OnSuccess", "OnFailure"}) {
    const auto target = event_target(function, properties, condition);
    if (!target) continue;
    if (!target->queue_id.empty()) emit(target->queue_id, "AWS::SQS::Queue", function, Attributes::Derived);
    destinations.set(condition, make_map(at)).set("Destination", target->arn);
  }
  Node& config = emit(config_id(function), "AWS::Lambda::EventInvokeConfig", function, Attributes::Derived);
  config.position = at;
  const Node* alias = properties.find("AutoPublishAlias");
  config.set("FunctionName", invoked_function(function, at));
  config.set("Qualifier", alias == nullptr ? make_string("$LATEST", at) : *alias);
  for (const char* name : {"MaximumEventAgeInSeconds", "MaximumRetryAttempts"}) {
    if (const Node* value = written->find(name); value != nullptr) config.set(name, *value);
  }
  if (!destinations.members.empty()) config.set("DestinationConfig", std::move(destinations));
}

void SamTransformer::add_event_policies(const Member& function, const Node& properties, Node& inlined) {
  const Node* queue = properties.find("DeadLetterQueue");  // whose faults were told when the function was made
  if (const Node* target = queue == nullptr ? nullptr : queue->find("TargetArn"); target != nullptr)
    inlined.items.push_back(allow("DeadLetterQueuePolicy", "sqs:SendMessage", *target, target->position));
  for (const std::string_view condition : {"OnSuccess", "OnFailure"}) {
    const auto target = event_target(function, properties, condition);
    if (!target) continue;
    const bool function_target = target->type == "Lambda";
    inlined.items.push_back(allow(config_id(function) + std::string(condition) + (function_target ? "LambdaPolicy" : "SQSPolicy"),
                                  function_target ? "lambda:InvokeFunction" : "sqs:SendMessage", target->arn, target->arn.position));
  }
}

}  // namespace surgetank::stack
