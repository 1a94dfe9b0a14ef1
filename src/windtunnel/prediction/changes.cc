#include "windtunnel/prediction/changes.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <vector>

#include "base/text.h"
#include "services/rds/instance_classes.h"
#include "stack/problems.h"

namespace surgetank::prediction {
namespace {

// One thing that can be set: under these names, with this effect. The setter tells what is expected if the value is none.
struct Setting {
  std::string_view name;
  std::string_view other_name;
  std::function<std::string(std::string_view)> set;
};
using Settings = std::vector<Setting>;

std::string whole(std::string_view value, std::int64_t least, std::int64_t most, const std::function<void(std::int64_t)>& set) {
  const auto number = parse_integer(value);
  if (!number || *number < least || *number > most)
    return "a whole number from " + std::to_string(least) + " to " + std::to_string(most) + " is expected";
  set(*number);
  return {};
}

std::string in_seconds(std::string_view value, double most, Duration& time) {
  const auto number = parse_double(value);
  if (!number || !std::isfinite(*number) || *number < 0 || *number > most)
    return "seconds from 0 to " + std::to_string(static_cast<std::int64_t>(most)) + " are expected";
  time = microseconds(static_cast<std::int64_t>(std::llround(*number * 1e6)));
  return {};
}

std::string real(std::string_view value, double least, double most, double& number) {
  const auto read = parse_double(value);
  if (!read || !std::isfinite(*read) || *read < least || *read > most)
    return "a number from " + std::to_string(least) + " to " + std::to_string(most) + " is expected";
  number = *read;
  return {};
}

Settings settings_of(FunctionProfile& function) {
  return {
      {"MemorySize", "memory_mb",
       [&](std::string_view value) { return whole(value, 128, 10'240, [&](std::int64_t number) { function.memory_mb = number; }); }},
      {"Timeout", "timeout", [&](std::string_view value) { return in_seconds(value, 900, function.timeout); }},
      {"ReservedConcurrentExecutions", "reserved_concurrency",
       [&](std::string_view value) {
         return whole(value, 0, 1'000'000, [&](std::int64_t number) { function.reserved_concurrency = number; });
       }},
      {"ProvisionedConcurrentExecutions", "provisioned_concurrency",
       [&](std::string_view value) {
         return whole(value, 0, 1'000'000, [&](std::int64_t number) { function.provisioned_concurrency = number; });
       }},
      {"failures", "failures", [&](std::string_view value) { return real(value, 0, 1, function.failure_share); }},
      {"connections", "connections",
       [&](std::string_view value) -> std::string {
         if (value != "each-invocation" && value != "each-environment") return "each-invocation or each-environment is expected";
         for (auto& step : function.steps)
           if (step.kind == StepKind::DatabaseConnect)
             step.occurs = value == "each-environment" ? StepOccurs::OncePerEnvironment : StepOccurs::EachInvocation;
         return {};
       }},
      {"aws-calls", "aws_calls",
       [&](std::string_view value) -> std::string {
         if (value != "each-invocation" && value != "each-environment" && value != "none")
           return "each-invocation, each-environment or none is expected";
         for (auto& step : function.steps) {
           if (step.kind != StepKind::AwsCall) continue;
           step.occurs = value == "each-environment" ? StepOccurs::OncePerEnvironment : StepOccurs::EachInvocation;
           if (value == "none") step.probability = 0;
         }
         return {};
       }},
  };
}

Settings settings_of(QueueProfile& queue, Profile& profile) {
  Settings settings = {
      {"VisibilityTimeout", "visibility", [&](std::string_view value) { return in_seconds(value, 43'200, queue.visibility); }},
      {"DelaySeconds", "delay", [&](std::string_view value) { return in_seconds(value, 900, queue.delay); }},
      {"maxReceiveCount", "receives",
       [&](std::string_view value) {
         if (queue.dead_letter_queue.empty()) return std::string("it has no dead-letter queue: nothing counts receives");
         return whole(value, 1, 1'000, [&](std::int64_t number) { queue.maximum_receive_count = number; });
       }},
  };
  for (auto& mapping : profile.mappings) {
    if (mapping.queue != queue.name) continue;
    settings.push_back({"MaximumConcurrency", "maximum_concurrency", [&](std::string_view value) {
                          return whole(value, 2, 1'000, [&](std::int64_t number) { mapping.maximum_concurrency = number; });
                        }});
    settings.push_back({"BatchSize", "batch_size", [&](std::string_view value) {
                          return whole(value, 1, queue.is_fifo ? 10 : 10'000, [&](std::int64_t number) { mapping.batch_size = number; });
                        }});
    settings.push_back(
        {"MaximumBatchingWindowInSeconds", "window", [&](std::string_view value) { return in_seconds(value, 300, mapping.window); }});
  }
  return settings;
}

Settings settings_of(DatabaseProfile& database) {
  const auto set = [&](std::string_view value) -> std::string {
    if (!rds::class_memory_mib(value)) return "a class as db.t4g.micro, db.m6g.large or db.r6g.2xlarge is expected";
    database.instance_class = value;
    return {};
  };
  return {{"instance-class", "instance_class", set}, {"DBInstanceClass", "DBInstanceClass", set}};
}

Settings settings_of(RouteProfile& route) {
  return {{"timeout", "TimeoutInMillis", [&](std::string_view value) { return in_seconds(value, 30, route.timeout); }},
          {"weight", "weight", [&](std::string_view value) { return real(value, 0, 1e9, route.weight); }}};
}

Settings settings_of(HostProfile& host) {
  return {{"processors", "processors", [&](std::string_view value) { return real(value, 0.1, 4'096, host.processors); }},
          {"processes", "processes",
           [&](std::string_view value) { return whole(value, 1, 1'000'000, [&](std::int64_t number) { host.processes = number; }); }}};
}

// Everything of that name, as all its settings.
std::optional<Settings> settings_of(std::string_view name, Profile& profile) {
  std::optional<Settings> found;
  const auto add = [&](Settings more) {
    if (!found) found.emplace();
    for (auto& setting : more) found->push_back(std::move(setting));
  };
  for (auto& function : profile.functions)
    if (function.name == name) add(settings_of(function));
  for (auto& queue : profile.queues)
    if (queue.name == name) add(settings_of(queue, profile));
  for (auto& database : profile.databases)
    if (database.name == name || (name == "db" && profile.databases.size() == 1)) add(settings_of(database));
  for (auto& route : profile.routes)
    if (route.name == name) add(settings_of(route));
  if (name == "host") add(settings_of(profile.host));
  return found;
}

std::vector<std::string> all_names(const Profile& profile, const Conditions& conditions) {
  std::vector<std::string> names;
  for (const auto& function : profile.functions) names.push_back(function.name);
  for (const auto& queue : profile.queues) names.push_back(queue.name);
  for (const auto& database : profile.databases) names.push_back(database.name);
  for (const auto& route : profile.routes) names.push_back(route.name);
  names.emplace_back("host");
  for (const auto& table : conditions.quota_tables)
    for (const auto& row : table) names.emplace_back(row.id);
  return names;
}

std::vector<std::string_view> views(const std::vector<std::string>& texts) { return {texts.begin(), texts.end()}; }

std::string unknown(std::string_view name, const Profile& profile, const Conditions& conditions) {
  const auto names = all_names(profile, conditions);
  auto hint = stack::did_you_mean(name, views(names));
  if (hint.empty()) {
    std::vector<std::string> resources;
    for (const auto& one : names)
      if (one.find('.') == std::string::npos) resources.push_back(one);
    hint = "there are " + join(resources, ", ") + ", and the quotas that `surgetank quotas` lists";
  }
  return "there is nothing called `" + std::string(name) + "`; " + hint;
}

}  // namespace

std::string check_quota_ids(const Profile& profile, const Conditions& conditions) {
  std::vector<std::string_view> ids;
  for (const auto& table : conditions.quota_tables)
    for (const auto& row : table) ids.push_back(row.id);
  for (const auto& [id, value] : profile.quotas.values)
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) return "quotas: there is no quota `" + id + "`; " + stack::one_of(id, ids);
  return {};
}

std::string apply_change(std::string_view change, Profile& profile, Conditions& conditions) {
  const auto told = [&](const std::string& text) { return "--set " + std::string(change) + ": " + text; };
  const auto equals = change.find('=');
  const auto dot = change.substr(0, equals).rfind('.');
  if (equals == std::string_view::npos || dot == std::string_view::npos || equals == 0)
    return told("name.member=value is expected, as lambda.concurrent-executions=3000 or Orders.MaximumConcurrency=50");
  const auto id = trim(change.substr(0, equals));
  const auto value = trim(change.substr(equals + 1));
  for (const auto& table : conditions.quota_tables) {
    for (const auto& row : table) {
      if (row.id != id) continue;
      const auto wrong =
          whole(value, 0, INT64_MAX / 1'000'000, [&](std::int64_t number) { conditions.quota_values[std::string(id)] = number; });
      return wrong.empty() ? wrong : told(wrong);
    }
  }
  const auto name = id.substr(0, dot);
  const auto member = id.substr(dot + 1);
  const auto settings = settings_of(name, profile);
  if (!settings) {
    const auto names = all_names(profile, conditions);
    const auto known = views(names);
    const auto near = stack::did_you_mean(id, known);
    return told(near.empty() ? unknown(name, profile, conditions) : "there is nothing called `" + std::string(id) + "`; " + near);
  }
  std::vector<std::string_view> members;
  bool is_found = false;
  for (const auto& setting : *settings) {
    members.push_back(setting.name);
    if (setting.name != member && setting.other_name != member) continue;
    is_found = true;
    if (const auto wrong = setting.set(value); !wrong.empty()) return told(wrong);
  }
  if (!is_found) return told("`" + std::string(name) + "` has no `" + std::string(member) + "`; " + stack::one_of(member, members));
  return {};
}

}  // namespace surgetank::prediction
