#include <algorithm>

#include "base/text.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/record.h"
#include "kernel/resource_counts.h"
#include "kernel/validation.h"
#include "services/logs/event_store.h"
#include "services/logs/keys.h"
#include "services/logs/limits.h"
#include "services/logs/operations.h"
#include "services/logs/quotas.h"
#include "wire/json.h"

namespace surgetank::logs {
namespace {

constexpr Integer retention_choices[] = {1,   3,   5,   7,   14,   30,   60,   90,   120,  150,  180,
                                         365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653};
constexpr std::size_t chunks_per_expiry = 2000;
constexpr Duration expiry_interval = hours(1);

bool has_only(std::string_view text, std::string_view punctuation) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || punctuation.find(c) != std::string_view::npos;
  });
}

Result<Unit> check_tags(Call& call, const Map<String>& tags) {
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::tags, tags.size()));
  Validation validation;
  for (const auto& [name, value] : tags) validation.length("tags.key", name, 1, 128).length("tags.value", value, 0, 256);
  return validation.finish(InvalidParameterException);
}

void schedule_expiry(Call& call, const String& group, Duration delay) {
  const LogGroupRequest request{group};
  std::string input;
  write_json(*shape_of<LogGroupRequest>(), &request, input);
  call.outbox.at(call.now + delay,
                 {.service = "logs", .operation = "ExpireLogEvents", .account = call.account(), .region = call.region(), .input = input});
}

void erase_prefix(Call& call, const std::string& prefix) {
  std::vector<std::string> found;
  call.txn.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view) {
    found.emplace_back(key);
    return true;
  });
  for (const auto& key : found) call.txn.erase(key);
}

LogGroup shown(Call& call, const GroupRecord& record) {
  LogGroup group{.logGroupName = record.name,
                 .creationTime = record.created_ms,
                 .retentionInDays = record.retention_days,
                 .arn = group_arn(call, record.name) + ":*",
                 .kmsKeyId = record.kms_key_id,
                 .logGroupClass = "STANDARD",
                 .logGroupArn = group_arn(call, record.name)};
  scan_records<StreamRecord>(call.txn, keys::streams(call.caller, record.name), [&](const StreamRecord& stream) {
    group.storedBytes += stream.stored_bytes;
    return true;
  });
  return group;
}

}  // namespace

String group_name_of(std::string_view name_or_arn) {
  constexpr std::string_view marker = ":log-group:";
  const auto at = name_or_arn.find(marker);
  if (name_or_arn.substr(0, 4) != "arn:" || at == std::string_view::npos) return String(name_or_arn);
  auto name = name_or_arn.substr(at + marker.size());
  if (name.size() > 2 && name.substr(name.size() - 2) == ":*") name.remove_suffix(2);
  return String(name);
}

Result<Unit> check_group_name(std::string_view name) {
  return Validation()
      .length("logGroupName", name, 1, 512)
      .pattern("logGroupName", name, "[\\.\\-_/#A-Za-z0-9]+", has_only(name, ".-_/#"))
      .finish(InvalidParameterException);
}

Result<Unit> check_stream_name(std::string_view name) {
  const bool valid = name.find_first_of(":*") == std::string_view::npos;
  return Validation()
      .length("logStreamName", name, 1, 512)
      .pattern("logStreamName", name, "[^:*]*", valid)
      .finish(InvalidParameterException);
}

std::string group_arn(const Call& call, std::string_view name) {
  return "arn:aws:logs:" + call.region() + ":" + call.account() + ":log-group:" + std::string(name);
}

Result<GroupRecord> find_group(Call& call, std::string_view name) {
  auto record = get_record<GroupRecord>(call.txn, keys::group(call.caller, group_name_of(name)));
  if (!record) return Error{&ResourceNotFoundException, "The specified log group does not exist."};
  return std::move(*record);
}

Result<Unit> add_group(Call& call, const GroupRecord& group) {
  SURGE_CHECK(count_created(call, quotas::log_groups, keys::groups(call.caller)));
  save_group(call, group);
  return Unit{};
}

void save_group(Call& call, const GroupRecord& group) { put_record(call.txn, keys::group(call.caller, group.name), group); }

std::int64_t oldest_kept_ms(const Call& call, const GroupRecord& group) {
  return group.retention_days ? (call.now - days(*group.retention_days)).ms() : 0;
}

Result<Empty> create_log_group(Call& call, const CreateLogGroupRequest& request) {
  SURGE_CHECK(check_group_name(request.logGroupName));
  SURGE_CHECK(check_tags(call, request.tags));
  if (request.logGroupClass && *request.logGroupClass != "STANDARD")
    return Error{&InvalidParameterException,
                 "Log class " + *request.logGroupClass + " is not supported by Surgetank; leave logGroupClass out."};
  if (call.txn.get(keys::group(call.caller, request.logGroupName)))
    return Error{&ResourceAlreadyExistsException, "The specified log group already exists"};
  SURGE_CHECK(add_group(call, {.name = request.logGroupName,
                               .created_ms = call.now.ms(),
                               .retention_days = std::nullopt,
                               .kms_key_id = request.kmsKeyId,
                               .tags = request.tags}));
  return Empty{};
}

Result<Empty> delete_log_group(Call& call, const LogGroupRequest& request) {
  SURGE_TRY(group, find_group(call, request.logGroupName));
  erase_prefix(call, keys::group_events(call.caller, group.name));
  erase_prefix(call, keys::streams(call.caller, group.name));
  count_deleted(call, quotas::log_groups, keys::groups(call.caller));
  call.txn.erase(keys::group(call.caller, group.name));
  return Empty{};
}

Result<DescribeLogGroupsResponse> describe_log_groups(Call& call, const DescribeLogGroupsRequest& request) {
  SURGE_CHECK(Validation().range("limit", request.limit, 1, limits::list_page).finish(InvalidParameterException));
  if (request.logGroupNamePrefix && request.logGroupNamePattern)
    return Error{&InvalidParameterException, "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."};
  const auto page = static_cast<std::size_t>(request.limit.value_or(limits::list_page));
  const auto pattern = to_lower(request.logGroupNamePattern.value_or(""));
  DescribeLogGroupsResponse response;
  auto& groups = response.logGroups.emplace();
  List<GroupRecord> found;
  scan_records<GroupRecord>(call.txn, keys::groups(call.caller), [&](GroupRecord record) {
    const bool prefix = record.name.substr(0, request.logGroupNamePrefix.value_or("").size()) == request.logGroupNamePrefix.value_or("");
    const bool after = !request.nextToken || record.name >= *request.nextToken;
    if (prefix && after && contains(to_lower(record.name), pattern)) found.push_back(std::move(record));
    return found.size() <= page;
  });
  if (found.size() > page) {
    response.nextToken = found.back().name;
    found.pop_back();
  }
  for (const auto& record : found) groups.push_back(shown(call, record));
  return response;
}

Result<Empty> put_retention_policy(Call& call, const PutRetentionPolicyRequest& request) {
  if (std::find(std::begin(retention_choices), std::end(retention_choices), request.retentionInDays) == std::end(retention_choices)) {
    std::string choices;
    for (const auto choice : retention_choices) choices += (choices.empty() ? "" : ", ") + std::to_string(choice);
    return Error{&InvalidParameterException,
                 "1 validation error detected: Value '" + std::to_string(request.retentionInDays) +
                     "' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [" + choices + "]"};
  }
  SURGE_TRY(group, find_group(call, request.logGroupName));
  // One expiry task per group is enough: it keeps itself going as long as there is a retention.
  if (!group.retention_days) schedule_expiry(call, group.name, Duration{});
  group.retention_days = request.retentionInDays;
  save_group(call, group);
  return Empty{};
}

Result<Empty> delete_retention_policy(Call& call, const LogGroupRequest& request) {
  SURGE_TRY(group, find_group(call, request.logGroupName));
  group.retention_days.reset();
  save_group(call, group);
  return Empty{};
}

Result<Empty> expire_log_events(Call& call, const LogGroupRequest& request) {
  const auto group = find_group(call, request.logGroupName);
  if (!group.ok() || !group->retention_days) return Empty{};
  const bool more = erase_events_before(call, group->name, oldest_kept_ms(call, *group), chunks_per_expiry);
  schedule_expiry(call, group->name, more ? seconds(1) : expiry_interval);
  return Empty{};
}

Result<Empty> tag_log_group(Call& call, const TagLogGroupRequest& request) {
  SURGE_TRY(group, find_group(call, request.logGroupName));
  auto merged = request.tags;
  merged.insert(group.tags.begin(), group.tags.end());
  SURGE_CHECK(check_tags(call, merged));
  group.tags = std::move(merged);
  save_group(call, group);
  return Empty{};
}

Result<Empty> untag_log_group(Call& call, const UntagLogGroupRequest& request) {
  SURGE_TRY(group, find_group(call, request.logGroupName));
  for (const auto& name : request.tags) group.tags.erase(name);
  save_group(call, group);
  return Empty{};
}

Result<TagsResponse> list_tags_log_group(Call& call, const LogGroupRequest& request) {
  SURGE_TRY(group, find_group(call, request.logGroupName));
  return TagsResponse{group.tags};
}

Result<Empty> tag_resource(Call& call, const TagResourceRequest& request) {
  return tag_log_group(call, {.logGroupName = group_name_of(request.resourceArn), .tags = request.tags});
}

Result<Empty> untag_resource(Call& call, const UntagResourceRequest& request) {
  return untag_log_group(call, {.logGroupName = group_name_of(request.resourceArn), .tags = request.tagKeys});
}

Result<TagsResponse> list_tags_for_resource(Call& call, const ListTagsForResourceRequest& request) {
  return list_tags_log_group(call, {.logGroupName = group_name_of(request.resourceArn)});
}

}  // namespace surgetank::logs
