#include "stack/resource_handlers.h"

#include <algorithm>

#include "base/assert.h"
#include "base/text.h"
#include "stack/handler_tools.h"

namespace surgetank::stack {

bool Work::did_change(std::string_view name) const { return std::find(changed.begin(), changed.end(), name) != changed.end(); }

const Node& Work::answer(std::size_t index) const {
  SURGE_ASSERT(index < answers.size(), "an answer is used before its call was made");
  return answers[index].value;
}

const ResourceHandler* find_resource_handler(std::string_view type) {
  for (const auto& group : {lambda_handlers(), lambda_version_handlers(), event_source_handlers(), iam_handlers(), apigateway_handlers(),
                            secret_handlers(), database_handlers(), log_handlers(), sqs_handlers()}) {
    for (const ResourceHandler& handler : group) {
      if (handler.type == type) return &handler;
    }
  }
  return nullptr;
}

std::string physical_name(const ResourceHandler& handler, const std::string& stack, const std::string& logical_id,
                          const std::string& suffix) {
  const std::size_t separators = 2;
  const std::size_t room = handler.longest_name - suffix.size() - separators;
  std::string front = stack;
  std::string middle = logical_id;
  if (front.size() + middle.size() > room) {
    // Both are cut to their half, unless one leaves room to the other.
    const std::size_t half = room / 2;
    const std::size_t front_room = middle.size() < half ? room - middle.size() : half;
    front = front.substr(0, front_room);
    middle = middle.substr(0, room - front.size());
  }
  const std::string name = front + "-" + middle + "-" + suffix;
  return handler.letters == ResourceHandler::Letters::Lower ? to_lower(name) : name;
}

Step make_call(ApiCall call, std::string physical_id) {
  Step step;
  step.kind = Step::Kind::Call;
  step.call = std::move(call);
  step.physical_id = std::move(physical_id);
  return step;
}

Step repeat_call(std::string physical_id) {
  Step step;
  step.kind = Step::Kind::Repeat;
  step.delay = poll_interval;
  step.physical_id = std::move(physical_id);
  return step;
}

Step done(std::string physical_id, Node attributes, std::string ref) {
  Step step;
  step.kind = Step::Kind::Done;
  step.physical_id = std::move(physical_id);
  step.attributes = std::move(attributes);
  step.ref = std::move(ref);
  return step;
}

Step failed(std::string reason) {
  Step step;
  step.kind = Step::Kind::Failed;
  step.reason = std::move(reason);
  return step;
}

Step in_order(const Work& work, std::vector<ApiCall> calls, Step last) {
  const std::size_t made = work.answers.size();
  if (made >= calls.size()) return last;
  return make_call(std::move(calls[made]), work.physical_id);
}

Node with_members(Node input, const Node& properties, std::initializer_list<std::string_view> names) {
  for (std::string_view name : names) {
    if (const Node* value = properties.find(name); value != nullptr) input.set(name, *value);
  }
  return input;
}

Node text_map(std::initializer_list<std::pair<std::string_view, std::string_view>> members) {
  Node map = make_map();
  for (const auto& [name, text] : members) map.set(name, make_string(text));
  return map;
}

std::string lower_first(std::string_view name) {
  std::string result(name);
  if (!result.empty()) result[0] = to_lower(name.substr(0, 1))[0];
  return result;
}

Node lower_camel(const Node& properties, std::span<const PropertySchema> schema) {
  Node result = make_map(properties.position);
  for (const Member& member : properties.members) {
    const auto row = std::find_if(schema.begin(), schema.end(), [&member](const PropertySchema& one) { return one.name == member.key; });
    Node value = member.value;
    if (row != schema.end() && row->type == PropertyType::Object) value = lower_camel(value, row->members);
    if (row != schema.end() && row->type == PropertyType::ObjectMap) {
      for (Member& entry : value.members) entry.value = lower_camel(entry.value, row->members);
    }
    result.set(lower_first(member.key), std::move(value));
  }
  return result;
}

Node tag_map(const Node* tags) {
  Node map = make_map();
  if (tags == nullptr) return map;
  if (tags->is(NodeKind::Map)) return *tags;
  for (const Node& tag : tags->items) map.set(tag.text_of("Key"), make_string(tag.text_of("Value")));
  return map;
}

Node tag_list(const Node& map) {
  Node list = make_list();
  for (const Member& member : map.members) list.items.push_back(text_map({{"Key", member.key}, {"Value", member.value.text}}));
  return list;
}

TagChanges tag_changes(const Node* before, const Node* after) {
  const Node old_tags = tag_map(before);
  const Node new_tags = tag_map(after);
  TagChanges changes{make_map(), make_list()};
  for (const Member& tag : new_tags.members) {
    if (old_tags.text_of(tag.key) != tag.value.text || old_tags.find(tag.key) == nullptr) changes.set.set(tag.key, tag.value);
  }
  for (const Member& tag : old_tags.members) {
    if (new_tags.find(tag.key) == nullptr) changes.removed.items.push_back(make_string(tag.key));
  }
  return changes;
}

std::vector<std::string> missing_from(const Node* other, const Node* list) {
  std::vector<std::string> missing;
  for (const Node& item : list == nullptr ? std::vector<Node>() : list->items) {
    const auto same = [&item](const Node& node) { return node.text == item.text; };
    if (other == nullptr || std::none_of(other->items.begin(), other->items.end(), same)) missing.push_back(item.text);
  }
  return missing;
}

}  // namespace surgetank::stack
