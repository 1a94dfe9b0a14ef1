// AWS::Logs::LogGroup.
#include "stack/handler_tools.h"

namespace surgetank::stack {
namespace {

constexpr std::string_view service = "logs";

std::string arn_of(const Work& work) { return "arn:aws:logs:" + work.region + ":" + work.account + ":log-group:" + work.physical_id; }

ApiCall put_retention(const Work& work) {
  Node input = text_map({{"logGroupName", work.physical_id}});
  input.set("retentionInDays", *work.properties.find("RetentionInDays"));
  return {service, "PutRetentionPolicy", std::move(input)};
}

Step finished(const Work& work) { return done(work.physical_id, text_map({{"Arn", arn_of(work) + ":*"}})); }

Step create_group(const Work& work) {
  Node input = text_map({{"logGroupName", work.physical_id}});
  if (work.has("LogGroupClass")) input.set("logGroupClass", *work.properties.find("LogGroupClass"));
  if (work.has("Tags")) input.set("tags", tag_map(work.properties.find("Tags")));
  std::vector<ApiCall> calls{{service, "CreateLogGroup", std::move(input)}};
  if (work.has("RetentionInDays")) calls.push_back(put_retention(work));
  return in_order(work, std::move(calls), finished(work));
}

Step update_group(const Work& work) {
  std::vector<ApiCall> calls;
  if (work.did_change("RetentionInDays")) {
    calls.push_back(work.has("RetentionInDays")
                        ? put_retention(work)
                        : ApiCall{service, "DeleteRetentionPolicy", text_map({{"logGroupName", work.physical_id}})});
  }
  TagChanges tags = tag_changes(work.previous.find("Tags"), work.properties.find("Tags"));
  if (!tags.removed.items.empty()) {
    Node input = text_map({{"resourceArn", arn_of(work)}});
    input.set("tagKeys", std::move(tags.removed));
    calls.push_back({service, "UntagResource", std::move(input)});
  }
  if (!tags.set.members.empty()) {
    Node input = text_map({{"resourceArn", arn_of(work)}});
    input.set("tags", std::move(tags.set));
    calls.push_back({service, "TagResource", std::move(input)});
  }
  return in_order(work, std::move(calls), finished(work));
}

Step remove_group(const Work& work) {
  return in_order(work, {{service, "DeleteLogGroup", text_map({{"logGroupName", work.physical_id}}), {"ResourceNotFoundException"}}},
                  done(work.physical_id));
}

using Letters = ResourceHandler::Letters;
constexpr ResourceHandler handlers[] = {
    {"AWS::Logs::LogGroup", 512, Letters::Any, create_group, update_group, remove_group},
};

}  // namespace

std::span<const ResourceHandler> log_handlers() { return handlers; }

}  // namespace surgetank::stack
