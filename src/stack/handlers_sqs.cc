// AWS::SQS::Queue and QueuePolicy.
#include <array>

#include "stack/handler_tools.h"

namespace surgetank::stack {
namespace {

constexpr std::string_view service = "sqs";
constexpr std::string_view gone = "QueueDoesNotExist";
constexpr std::string_view fifo_suffix = ".fifo";

// The properties that are attributes of the same name, with the value that stands for their absence: AWS's default, or nothing.
struct AttributeProperty {
  std::string_view name;
  std::string_view default_value;
  enum class Queues : std::uint8_t { All, FifoOnly } queues = Queues::All;
};
constexpr std::array attribute_properties{
    AttributeProperty{"ContentBasedDeduplication", "false", AttributeProperty::Queues::FifoOnly},
    AttributeProperty{"DeduplicationScope", "queue", AttributeProperty::Queues::FifoOnly},
    AttributeProperty{"DelaySeconds", "0"},
    AttributeProperty{"FifoThroughputLimit", "perQueue", AttributeProperty::Queues::FifoOnly},
    AttributeProperty{"KmsDataKeyReusePeriodSeconds", "300"},
    AttributeProperty{"KmsMasterKeyId", ""},
    AttributeProperty{"MaximumMessageSize", "1048576"},
    AttributeProperty{"MessageRetentionPeriod", "345600"},
    AttributeProperty{"ReceiveMessageWaitTimeSeconds", "0"},
    AttributeProperty{"RedriveAllowPolicy", ""},
    AttributeProperty{"RedrivePolicy", ""},
    AttributeProperty{"SqsManagedSseEnabled", "true"},
    AttributeProperty{"VisibilityTimeout", "30"},
};

bool is_fifo(const Work& work) {
  const Node* fifo = work.properties.find("FifoQueue");
  return fifo != nullptr && fifo->is_true();
}

// The text of an attribute: policies as JSON. False for what only FIFO queues have, on others, goes without saying.
std::optional<std::string> attribute_text(const Work& work, const AttributeProperty& property) {
  const Node* value = work.properties.find(property.name);
  if (value == nullptr) return std::nullopt;
  if (property.queues == AttributeProperty::Queues::FifoOnly && !is_fifo(work) && value->text == "false") return std::nullopt;
  return value->is(NodeKind::Map) ? to_json(*value) : value->text;
}

Node created_attributes(const Work& work) {
  Node attributes = make_map();
  if (is_fifo(work)) attributes.set("FifoQueue", make_string("true"));
  for (const auto& property : attribute_properties)
    if (const auto text = attribute_text(work, property)) attributes.set(property.name, make_string(*text));
  return attributes;
}

Node changed_attributes(const Work& work) {
  Node attributes = make_map();
  const bool has_own_key = work.has("KmsMasterKeyId");
  for (const auto& property : attribute_properties) {
    if (!work.did_change(property.name)) continue;
    if (const auto text = attribute_text(work, property)) {
      attributes.set(property.name, make_string(*text));
    } else if (property.queues == AttributeProperty::Queues::All || is_fifo(work)) {
      const bool displaced = property.name == "SqsManagedSseEnabled" && has_own_key;
      if (!displaced) attributes.set(property.name, make_string(property.default_value));
    }
  }
  return attributes;
}

std::string name_of(const Work& work) {
  std::string name = work.physical_id;
  if (!is_fifo(work) || name.ends_with(fifo_suffix) || work.has("QueueName")) return name;
  constexpr std::size_t longest_name = 80;
  if (name.size() > longest_name - fifo_suffix.size()) name.erase(0, name.size() + fifo_suffix.size() - longest_name);
  return name.append(fifo_suffix);
}

Step finished(const Work& work, const std::string& url) {
  const std::string name = url.substr(url.rfind('/') + 1);
  return done(url,
              text_map({{"Arn", "arn:aws:sqs:" + work.region + ":" + work.account + ":" + name}, {"QueueName", name}, {"QueueUrl", url}}));
}

// CreateQueue would answer with a queue that exists already; a stack must not take over what it did not make.
Step create_queue(const Work& work) {
  const std::string name = name_of(work);
  if (work.answers.empty()) return make_call({service, "GetQueueUrl", text_map({{"QueueName", name}}), {gone}});
  if (work.answers[0].ok) return failed("a queue named `" + name + "` exists already");
  if (work.answers.size() == 1) {
    Node input = text_map({{"QueueName", name}});
    input.set("Attributes", created_attributes(work));
    if (work.has("Tags")) input.set("tags", tag_map(work.properties.find("Tags")));
    return make_call({service, "CreateQueue", std::move(input), {"QueueDeletedRecently"}});
  }
  if (!work.answers[1].ok) return repeat_call({});  // a queue's name is free again 60 seconds after its deletion
  return finished(work, work.answer(1).text_of("QueueUrl"));
}

Step update_queue(const Work& work) {
  std::vector<ApiCall> calls;
  if (Node attributes = changed_attributes(work); !attributes.members.empty()) {
    Node input = text_map({{"QueueUrl", work.physical_id}});
    input.set("Attributes", std::move(attributes));
    calls.push_back({service, "SetQueueAttributes", std::move(input)});
  }
  TagChanges tags = tag_changes(work.previous.find("Tags"), work.properties.find("Tags"));
  if (!tags.removed.items.empty()) {
    Node input = text_map({{"QueueUrl", work.physical_id}});
    input.set("TagKeys", std::move(tags.removed));
    calls.push_back({service, "UntagQueue", std::move(input)});
  }
  if (!tags.set.members.empty()) {
    Node input = text_map({{"QueueUrl", work.physical_id}});
    input.set("Tags", std::move(tags.set));
    calls.push_back({service, "TagQueue", std::move(input)});
  }
  return in_order(work, std::move(calls), finished(work, work.physical_id));
}

Step remove_queue(const Work& work) {
  return in_order(work, {{service, "DeleteQueue", text_map({{"QueueUrl", work.physical_id}}), {gone}}}, done(work.physical_id));
}

ApiCall set_policy(const std::string& url, std::string_view policy) {
  Node input = text_map({{"QueueUrl", url}});
  input.set("Attributes", text_map({{"Policy", policy}}));
  return {service, "SetQueueAttributes", std::move(input)};
}

// The queue may be gone by now, and its policy with it.
ApiCall clear_policy(const std::string& url) {
  ApiCall call = set_policy(url, "");
  call.tolerated = {gone};
  return call;
}

std::vector<ApiCall> set_policies(const Work& work) {
  std::vector<ApiCall> calls;
  const std::string policy = to_json(*work.properties.find("PolicyDocument"));
  for (const Node& url : work.properties.find("Queues")->items) calls.push_back(set_policy(url.text, policy));
  return calls;
}

Step put_policy(const Work& work) {
  std::vector<ApiCall> calls;
  for (const std::string& url : missing_from(work.properties.find("Queues"), work.previous.find("Queues")))
    calls.push_back(clear_policy(url));
  for (ApiCall& call : set_policies(work)) calls.push_back(std::move(call));
  return in_order(work, std::move(calls), done(work.physical_id, text_map({{"Id", work.physical_id}})));
}

Step remove_policy(const Work& work) {
  std::vector<ApiCall> calls;
  for (const Node& url : work.properties.find("Queues")->items) calls.push_back(clear_policy(url.text));
  return in_order(work, std::move(calls), done(work.physical_id));
}

using Letters = ResourceHandler::Letters;
constexpr ResourceHandler handlers[] = {
    {"AWS::SQS::Queue", 80, Letters::Any, create_queue, update_queue, remove_queue},
    {"AWS::SQS::QueuePolicy", 128, Letters::Any, put_policy, put_policy, remove_policy},
};

}  // namespace

std::span<const ResourceHandler> sqs_handlers() { return handlers; }

}  // namespace surgetank::stack
