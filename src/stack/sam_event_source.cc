// Events of a function that are queues: each becomes an AWS::Lambda::EventSourceMapping.
#include <algorithm>

#include "stack/sam_transformer.h"

namespace surgetank::stack {
namespace {

constexpr std::string_view queue_event_properties[] = {"BatchSize",      "Enabled",
                                                       "FilterCriteria", "FunctionResponseTypes",
                                                       "KmsKeyArn",      "MaximumBatchingWindowInSeconds",
                                                       "MetricsConfig",  "ProvisionedPollerConfig",
                                                       "Queue",          "ScalingConfig"};

}  // namespace

bool SamTransformer::has_queue_events(const Node& properties) {
  const Node* events = properties.find("Events");
  return events != nullptr && events->is(NodeKind::Map) &&
         std::any_of(events->members.begin(), events->members.end(),
                     [](const Member& event) { return event.value.text_of("Type") == "SQS"; });
}

void SamTransformer::transform_queue_event(const Member& function, const Member& event, const Node& properties) {
  for (const Member& member : properties.members) {
    if (std::find(std::begin(queue_event_properties), std::end(queue_event_properties), member.key) == std::end(queue_event_properties))
      problems_.add(member.key_position, "event type SQS has no property `" + member.key + "`", one_of(member.key, queue_event_properties));
  }
  const Node* queue = properties.find("Queue");
  if (queue == nullptr)
    return problems_.add(event.key_position, "event `" + event.key + "` has no Queue", "write `Queue: !GetAtt Queue.Arn`");
  Node& mapping = emit(function.key + event.key, "AWS::Lambda::EventSourceMapping", function, Attributes::Derived);
  mapping.position = event.key_position;
  mapping.set("EventSourceArn", *queue);
  mapping.set("FunctionName", invoked_function(function, event.key_position));
  for (const Member& member : properties.members)
    if (member.key != "Queue") mapping.members.push_back(member);
}

}  // namespace surgetank::stack
