// AWS::Lambda::EventSourceMapping. A mapping is there when it polls, and gone when its last batch has ended.
#include "stack/handler_tools.h"

namespace surgetank::stack {
namespace {

constexpr std::string_view not_found = "ResourceNotFoundException";
constexpr std::string_view in_use = "ResourceInUseException";

Node settings(const Work& work) {
  Node input = with_members(make_map(), work.properties,
                            {"FunctionName", "Enabled", "BatchSize", "FilterCriteria", "MaximumBatchingWindowInSeconds",
                             "FunctionResponseTypes", "ScalingConfig", "ProvisionedPollerConfig", "MetricsConfig"});
  if (const Node* key = work.properties.find("KmsKeyArn"); key != nullptr) input.set("KMSKeyArn", *key);
  return input;
}

ApiCall get_mapping(const std::string& id) { return {"lambda", "GetEventSourceMapping", text_map({{"UUID", id}}), {not_found}}; }

// After the first `count` calls: asks until the mapping is Enabled or Disabled.
Step wait_until_settled(const Work& work, std::size_t count, const std::string& id) {
  if (work.answers.size() == count) return make_call(get_mapping(id), id);
  const Answer& answer = work.answers.back();
  if (!answer.ok) return failed("the event source mapping is gone");
  const std::string state = answer.value.text_of("State");
  if (state != "Enabled" && state != "Disabled") return repeat_call(id);
  return done(id, text_map({{"EventSourceMappingArn", answer.value.text_of("EventSourceMappingArn")}, {"Id", id}}));
}

Step create_mapping(const Work& work) {
  if (!work.answers.empty()) return wait_until_settled(work, 1, work.answer(0).text_of("UUID"));
  Node input = with_members(settings(work), work.properties, {"EventSourceArn"});
  if (work.has("Tags")) input.set("Tags", tag_map(work.properties.find("Tags")));
  return make_call({"lambda", "CreateEventSourceMapping", std::move(input)});
}

// What was given before and is not any more goes back to its default.
void reset_removed(const Work& work, Node& input) {
  const auto removed = [&work](std::string_view name) { return work.previous.find(name) != nullptr && !work.has(name); };
  if (removed("Enabled")) input.set("Enabled", make_boolean(true));
  if (removed("BatchSize")) input.set("BatchSize", make_number(10));
  if (removed("MaximumBatchingWindowInSeconds")) input.set("MaximumBatchingWindowInSeconds", make_number(0));
  if (removed("FunctionResponseTypes")) input.set("FunctionResponseTypes", make_list());
  if (removed("KmsKeyArn")) input.set("KMSKeyArn", make_string(""));
  for (const std::string_view name : {"FilterCriteria", "ScalingConfig", "ProvisionedPollerConfig", "MetricsConfig"})
    if (removed(name)) input.set(name, make_map());
}

Step update_mapping(const Work& work) {
  std::vector<ApiCall> calls;
  bool has_new_settings = false;
  for (const std::string& name : work.changed) has_new_settings = has_new_settings || name != "Tags";
  if (has_new_settings) {
    Node input = settings(work);
    input.set("UUID", make_string(work.physical_id));
    reset_removed(work, input);
    calls.push_back({"lambda", "UpdateEventSourceMapping", std::move(input)});
  }
  const std::string arn = "arn:aws:lambda:" + work.region + ":" + work.account + ":event-source-mapping:" + work.physical_id;
  TagChanges tags = tag_changes(work.previous.find("Tags"), work.properties.find("Tags"));
  if (!tags.removed.items.empty()) {
    Node input = text_map({{"Resource", arn}});
    input.set("TagKeys", std::move(tags.removed));
    calls.push_back({"lambda", "UntagResource", std::move(input)});
  }
  if (!tags.set.members.empty()) {
    Node input = text_map({{"Resource", arn}});
    input.set("Tags", std::move(tags.set));
    calls.push_back({"lambda", "TagResource", std::move(input)});
  }
  const std::size_t count = calls.size();
  if (work.answers.size() < count) return in_order(work, std::move(calls), Step{});
  return wait_until_settled(work, count, work.physical_id);
}

Step remove_mapping(const Work& work) {
  const std::string& id = work.physical_id;
  if (work.answers.empty()) return make_call({"lambda", "DeleteEventSourceMapping", text_map({{"UUID", id}}), {not_found, in_use}}, id);
  const Answer& deletion = work.answers.front();
  if (!deletion.ok && deletion.error == in_use) return repeat_call(id);  // it is still on its way to another state
  if (!deletion.ok || !work.answers.back().ok) return done(id);
  if (work.answers.size() == 1) return make_call(get_mapping(id), id);
  return repeat_call(id);
}

using Letters = ResourceHandler::Letters;
constexpr ResourceHandler handlers[] = {
    {"AWS::Lambda::EventSourceMapping", 0, Letters::Any, create_mapping, update_mapping, remove_mapping},
};

}  // namespace

std::span<const ResourceHandler> event_source_handlers() { return handlers; }

}  // namespace surgetank::stack
