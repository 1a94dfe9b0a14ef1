// AWS::RDS::DBInstance: created and changed asynchronously, so the work describes it until it is available (or gone).
#include "base/text.h"
#include "stack/handler_tools.h"

namespace surgetank::stack {
namespace {

constexpr std::string_view service = "rds";
constexpr std::string_view gone = "DBInstanceNotFound";

// The API's names and types for the properties that CloudFormation spells otherwise.
Node wire_properties(const Work& work) {
  Node input = make_map();
  for (const Member& member : work.properties.members) {
    if (member.key == "ApplyImmediately") continue;
    const bool number = member.key == "AllocatedStorage" || member.key == "Port";
    const std::string name = member.key == "VPCSecurityGroups" ? "VpcSecurityGroupIds" : member.key;
    const std::optional<std::int64_t> amount = number ? parse_integer(member.value.text) : std::nullopt;
    input.set(name, amount ? make_number(*amount) : member.value);
  }
  input.set("DBInstanceIdentifier", make_string(work.physical_id));
  return input;
}

ApiCall describe(const std::string& identifier, std::vector<std::string_view> tolerated = {}) {
  return {service, "DescribeDBInstances", text_map({{"DBInstanceIdentifier", identifier}}), std::move(tolerated)};
}

const Node* described(const Node& answer) {
  const Node* list = answer.find("DBInstances");
  return list == nullptr || list->items.empty() ? nullptr : &list->items.front();
}

Node attributes_of(const Node& database) {
  Node attributes = text_map({{"DBInstanceArn", database.text_of("DBInstanceArn")}, {"DbiResourceId", database.text_of("DbiResourceId")}});
  if (const Node* endpoint = database.find("Endpoint"); endpoint != nullptr) {
    attributes.set("Endpoint.Address", make_string(endpoint->text_of("Address")));
    attributes.set("Endpoint.Port", make_string(endpoint->text_of("Port")));
    attributes.set("Endpoint.HostedZoneId", make_string(endpoint->text_of("HostedZoneId")));
  }
  return attributes;
}

// After the calls that change the database: describe it until it is available.
Step wait_until_available(const Work& work, std::size_t calls_made) {
  if (work.answers.size() == calls_made) return make_call(describe(work.physical_id), work.physical_id);
  const Node* database = described(work.answers.back().value);
  const std::string status = database == nullptr ? "missing" : database->text_of("DBInstanceStatus");
  if (status == "available") return done(work.physical_id, attributes_of(*database));
  const bool working = status == "creating" || status == "modifying" || status == "starting" || status == "rebooting" ||
                       status == "backing-up" || status == "configuring-enhanced-monitoring" || status == "resetting-master-credentials" ||
                       status == "upgrading" || status == "renaming" || status == "storage-optimization";
  if (working) return repeat_call(work.physical_id);
  return failed("the database is `" + status + "`; see the log of the platform");
}

Step create_database(const Work& work) {
  if (work.answers.empty()) return make_call({service, "CreateDBInstance", wire_properties(work)});
  return wait_until_available(work, 1);
}

// ModifyDBInstance takes the difference, not the list.
void set_log_exports(const Work& work, Node& input) {
  const Node* before = work.previous.find("EnableCloudwatchLogsExports");
  const Node* after = work.properties.find("EnableCloudwatchLogsExports");
  Node& change = input.set("CloudwatchLogsExportConfiguration", make_map());
  Node& enabled = change.set("EnableLogTypes", make_list());
  for (const std::string& type : missing_from(before, after)) enabled.items.push_back(make_string(type));
  Node& disabled = change.set("DisableLogTypes", make_list());
  for (const std::string& type : missing_from(after, before)) disabled.items.push_back(make_string(type));
}

std::vector<ApiCall> change_calls(const Work& work) {
  std::vector<ApiCall> calls;
  Node input = make_map();
  const Node wanted = wire_properties(work);
  for (const std::string& name : work.changed) {
    if (name == "Tags" || name == "ApplyImmediately") continue;
    if (name == "EnableCloudwatchLogsExports") {
      set_log_exports(work, input);
      continue;
    }
    const bool groups = name == "VPCSecurityGroups";
    const Node* value = wanted.find(groups ? "VpcSecurityGroupIds" : name);
    if (value != nullptr) input.set(groups ? "VpcSecurityGroupIds" : name == "Port" ? "DBPortNumber" : name, *value);
  }
  if (!input.members.empty()) {
    input.set("DBInstanceIdentifier", make_string(work.physical_id));
    input.set("ApplyImmediately", make_boolean(true));
    calls.push_back({service, "ModifyDBInstance", std::move(input)});
  }
  const std::string arn = "arn:aws:rds:" + work.region + ":" + work.account + ":db:" + work.physical_id;
  TagChanges tags = tag_changes(work.previous.find("Tags"), work.properties.find("Tags"));
  if (!tags.removed.items.empty()) {
    Node untag = text_map({{"ResourceName", arn}});
    untag.set("TagKeys", std::move(tags.removed));
    calls.push_back({service, "RemoveTagsFromResource", std::move(untag)});
  }
  if (!tags.set.members.empty()) {
    Node tag = text_map({{"ResourceName", arn}});
    tag.set("Tags", tag_list(tags.set));
    calls.push_back({service, "AddTagsToResource", std::move(tag)});
  }
  return calls;
}

Step update_database(const Work& work) {
  std::vector<ApiCall> calls = change_calls(work);
  const std::size_t count = calls.size();
  if (work.answers.size() < count) return in_order(work, std::move(calls), Step{});
  return wait_until_available(work, count);
}

Step remove_database(const Work& work) {
  if (work.answers.empty()) {
    Node input = text_map({{"DBInstanceIdentifier", work.physical_id}});
    input.set("SkipFinalSnapshot", make_boolean(true));
    input.set("DeleteAutomatedBackups", make_boolean(true));
    return make_call({service, "DeleteDBInstance", std::move(input), {gone, "DBInstanceNotFoundFault"}}, work.physical_id);
  }
  if (!work.answers.front().ok) return done(work.physical_id);
  if (work.answers.size() == 1) return make_call(describe(work.physical_id, {gone, "DBInstanceNotFoundFault"}), work.physical_id);
  if (!work.answers.back().ok || described(work.answers.back().value) == nullptr) return done(work.physical_id);
  return repeat_call(work.physical_id);
}

using Letters = ResourceHandler::Letters;
constexpr ResourceHandler handlers[] = {
    {"AWS::RDS::DBInstance", 63, Letters::Lower, create_database, update_database, remove_database},
};

}  // namespace

std::span<const ResourceHandler> database_handlers() { return handlers; }

}  // namespace surgetank::stack
